//! Our own entry in managedFields.

use std::borrow::Cow;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::Value;

use super::keyed::{Element, position};
use crate::core::raw::Name;
use crate::projection::ProjectionHasher;

/// The fields that one Apply entry of managedFields names: its `fieldsV1`, as JSON text. Cheap to clone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct OwnedFields(Arc<str>);

impl OwnedFields {
    pub(crate) fn new(text: &str) -> Self {
        Self(text.into())
    }

    /// A hash of the entry, valid within this process. Two entries with the same fields in another order differ in it;
    /// the API server sorts them.
    pub(crate) fn print(&self) -> u128 {
        let mut hasher = ProjectionHasher::new();
        self.0.hash(&mut hasher);
        hasher.finish128()
    }

    /// The entry as a tree; `None` if it is not one.
    pub(super) fn tree(&self) -> Option<Node<'_>> {
        serde_json::from_str(&self.0).ok()
    }
}

/// A part of the entry: what of a thing is ours, by element (`f:image`, `k:{"name":"app"}`, `v:"x"`, and `.` for the thing
/// itself), sorted. Without any element the thing is ours as a whole.
#[derive(Debug)]
pub(super) struct Node<'a>(Vec<(Cow<'a, str>, Node<'a>)>);

impl<'a> Node<'a> {
    pub(super) fn is_leaf(&self) -> bool {
        self.0.is_empty()
    }

    /// The elements but for `.`.
    pub(super) fn elements(&self) -> impl Iterator<Item = (&str, &Node<'a>)> {
        self.0.iter().map(|(element, node)| (element.as_ref(), node)).filter(|(element, _)| *element != ".")
    }

    /// Whether the thing itself is ours.
    pub(super) fn has_self(&self) -> bool {
        self.is_leaf() || self.0.iter().any(|(element, _)| element == ".")
    }

    /// Whether this field is among the elements.
    pub(super) fn has_field(&self, name: &str) -> bool {
        let order = |element: &str| match element.strip_prefix("f:") {
            Some(field) => field.cmp(name),
            None => element.cmp("f:"),
        };
        self.0.binary_search_by(|(element, _)| order(element)).is_ok()
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Node<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Elements;
        impl<'de> Visitor<'de> for Elements {
            type Value = Vec<(Cow<'de, str>, Node<'de>)>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a set of fields")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut elements = Vec::new();
                while let Some((Name(element), node)) = map.next_entry()? {
                    elements.push((element, node));
                }
                Ok(elements)
            }
        }
        let mut elements = deserializer.deserialize_map(Elements)?;
        elements.sort_unstable_by(|(a, _), (b, _)| a.cmp(b));
        Ok(Self(elements))
    }
}

/// A hash, valid within this process, of the part of `live` that `owned` names: the values, that there is none, and the
/// order of the items of merged lists. `None` if the part cannot be told: an item is missing or there twice.
pub(crate) fn owned_part(live: &Value, owned: &OwnedFields) -> Option<u128> {
    let mut hasher = ProjectionHasher::new();
    part(Some(live), &owned.tree()?, &mut hasher)?;
    Some(hasher.finish128())
}

fn part(live: Option<&Value>, node: &Node<'_>, hasher: &mut ProjectionHasher) -> Option<()> {
    if node.is_leaf() {
        whole(live.unwrap_or(&Value::Null), hasher);
        return Some(());
    }
    let mut items = Vec::new();
    for (element, node) in node.elements() {
        match Element::parse(element)? {
            Element::Field(name) => {
                name.hash(hasher);
                part(live.and_then(|live| live.get(name)), node, hasher)?;
            }
            item => {
                let list = live?.as_array()?;
                items.push((position(list, &item).ok()?, element, node, list));
            }
        }
    }
    items.sort_unstable_by_key(|(position, ..)| *position);
    for (position, element, node, list) in items {
        element.hash(hasher);
        part(Some(&list[position]), node, hasher)?;
    }
    Some(())
}

fn whole(value: &Value, hasher: &mut ProjectionHasher) {
    std::mem::discriminant(value).hash(hasher);
    match value {
        Value::Null => {}
        Value::Bool(value) => value.hash(hasher),
        Value::Number(number) => number.hash(hasher),
        Value::String(text) => text.hash(hasher),
        Value::Array(items) => {
            hasher.write_usize(items.len());
            items.iter().for_each(|item| whole(item, hasher));
        }
        Value::Object(fields) => {
            hasher.write_usize(fields.len());
            for (name, value) in fields {
                name.hash(hasher);
                whole(value, hasher);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn live() -> Value {
        json!({ "metadata": { "labels": { "a": "b", "foreign": "x" }, "finalizers": ["f", "g"] }, "spec": {
            "env": [{ "name": "A", "value": "1" }, { "name": "B" }, { "name": "C" }], "atomic": { "x": [1, { "y": null }] },
        } })
    }

    fn owned() -> OwnedFields {
        let item = json!({ ".": {}, "f:name": {}, "f:value": {} });
        let entry = json!({ "f:metadata": { "f:labels": { "f:a": {} }, "f:finalizers": { "v:\"f\"": {} } }, "f:spec": {
            "f:env": { "k:{\"name\":\"A\"}": item, "k:{\"name\":\"B\"}": item }, "f:atomic": {},
        } });
        OwnedFields::new(&entry.to_string())
    }

    /// What becomes of the hash after a change of the live object: the same, another, or none.
    fn after(change: impl FnOnce(&mut Value)) -> &'static str {
        let mut live = live();
        let before = owned_part(&live, &owned());
        assert!(before.is_some());
        change(&mut live);
        match owned_part(&live, &owned()) {
            None => "none",
            after if after == before => "same",
            _ => "other",
        }
    }

    #[test]
    fn the_owned_part_is_what_the_entry_names() {
        assert_eq!(after(|live| live["metadata"]["labels"]["foreign"] = "y".into()), "same");
        assert_eq!(after(|live| live["metadata"]["finalizers"] = json!(["h", "f"])), "same");
        assert_eq!(after(|live| live["spec"]["env"][2]["value"] = "3".into()), "same");
        assert_eq!(after(|live| live["spec"]["env"][0]["foreign"] = 1.into()), "same");
        assert_eq!(after(|live| live["metadata"]["labels"]["a"] = "c".into()), "other");
        assert_eq!(after(|live| live["metadata"]["labels"] = json!({})), "other");
        assert_eq!(after(|live| live["spec"]["env"][1]["value"] = "".into()), "other", "there was none");
        assert_eq!(after(|live| live["spec"]["env"].as_array_mut().unwrap().swap(0, 1)), "other");
        assert_eq!(after(|live| live["spec"]["env"].as_array_mut().unwrap().swap(1, 2)), "same", "ours are in order");
        assert_eq!(after(|live| live["spec"]["atomic"]["x"][1]["z"] = 1.into()), "other");
    }

    #[test]
    fn an_item_that_is_missing_or_twice_there_has_no_hash() {
        assert_eq!(after(|live| live["metadata"]["finalizers"] = json!(["g"])), "none");
        assert_eq!(after(|live| live["spec"]["env"] = Value::Null), "none");
        assert_eq!(after(|live| live["spec"]["env"][2]["name"] = "B".into()), "none");
    }

    #[test]
    fn the_print_is_that_of_the_text() {
        assert_eq!(owned().print(), owned().print());
        assert_ne!(owned().print(), OwnedFields::new("{}").print());
    }
}
