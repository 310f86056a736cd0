//! Our own entry in managedFields.

use std::borrow::Cow;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::{Arc, Mutex, PoisonError};

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::Value;

use super::keyed::{Element, position};
use crate::core::key::Uid;
use crate::core::raw::Name;
use crate::projection::ProjectionHasher;

/// The fields that one Apply entry of managedFields names: its `fieldsV1`. Cheap to clone, and small where other objects have an
/// entry of the same form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct OwnedFields {
    /// The entry as JSON text, without the uid of the owner if there is one.
    form: Arc<str>,
    owner: Option<Uid>,
}

/// Before the uid of an owner, by which the API server tells owner references apart.
const OWNER: &str = r#"k:{\"uid\":\""#;

impl OwnedFields {
    pub(crate) fn new(text: &str) -> Self {
        match owner(text) {
            Some((place, owner)) => {
                Self { form: [&text[..place], &text[place + UID..]].concat().into(), owner: Some(owner) }
            }
            None => Self { form: text.into(), owner: None },
        }
    }

    /// A hash of the entry, valid within this process. Two entries with the same fields in another order differ in it;
    /// the API server sorts them.
    pub(crate) fn print(&self) -> u128 {
        let mut hasher = ProjectionHasher::new();
        (&self.form, self.owner.map(|owner| owner.0)).hash(&mut hasher);
        hasher.finish128()
    }

    /// The entry as JSON text.
    pub(super) fn text(&self) -> Cow<'_, str> {
        match (&self.owner, self.form.find(OWNER)) {
            (Some(owner), Some(place)) => {
                let (before, after) = self.form.split_at(place + OWNER.len());
                format!("{before}{owner}{after}").into()
            }
            _ => (&*self.form).into(),
        }
    }
}

/// The length of a uid.
const UID: usize = 36;

/// The only owner that an entry names, and where its uid stands.
fn owner(text: &str) -> Option<(usize, Uid)> {
    let place = text.find(OWNER)? + OWNER.len();
    let owner = Uid::parse(text.get(place..place + UID)?)?;
    (!text[place..].contains(OWNER)).then_some((place, owner))
}

/// The forms of entries that have come lately. The objects that one operator applies for its primaries differ in the owner, and
/// seldom in which fields they have.
#[derive(Debug, Default)]
pub(crate) struct Forms(Mutex<Vec<Arc<str>>>);

/// So many are remembered.
const FORMS: usize = 16;

impl Forms {
    /// As [`OwnedFields::new`], sharing the form with those before.
    pub(crate) fn owned(&self, text: &str) -> OwnedFields {
        let OwnedFields { form, owner } = OwnedFields::new(text);
        let mut forms = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let place = forms.iter().position(|other| *other == form);
        let form = place.map_or(form, |place| forms.remove(place));
        // The last one is the next one to be asked for, mostly.
        forms.insert(0, form.clone());
        forms.truncate(FORMS);
        OwnedFields { form, owner }
    }
}

/// A part of the entry: what of a thing is ours, by element (`f:image`, `k:{"name":"app"}`, `v:"x"`, and `.` for the thing
/// itself), sorted. Without any element the thing is ours as a whole.
#[derive(Debug)]
pub(super) struct Node<'a>(Vec<(Cow<'a, str>, Node<'a>)>);

impl<'a> Node<'a> {
    /// The tree that an entry is; `None` if it is not one.
    pub(super) fn parse(text: &'a str) -> Option<Self> {
        serde_json::from_str(text).ok()
    }

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
    part(Some(live), &Node::parse(&owned.text())?, &mut hasher)?;
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

    #[test]
    fn entries_that_differ_in_the_owner_alone_share_their_form() {
        let entry =
            |uid: &str| format!(r#"{{"f:metadata":{{"f:ownerReferences":{{"k:{{\"uid\":\"{uid}\"}}":{{}}}}}}}}"#);
        let [a, b] = ["0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9", "1a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9"].map(entry);
        let forms = Forms::default();
        let [one, other] = [&a, &b].map(|text| forms.owned(text));
        assert!(Arc::ptr_eq(&one.form, &other.form));
        assert_eq!((&*one.text(), &*other.text()), (&*a, &*b));
        assert!(one != other && one.print() != other.print() && one == OwnedFields::new(&a));
    }

    #[test]
    fn the_text_of_every_entry_comes_back() {
        let uid = "0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9";
        let key = |uid: &str| format!(r#""k:{{\"uid\":\"{uid}\"}}":{{}}"#);
        let (none, odd, upper) = (key(""), key("not-a-uid"), key(&uid.to_uppercase()));
        let two = format!("{{{},{}}}", key(uid), key(uid));
        for text in ["", "{}", "[]", &none, &odd, &upper, &two, &key(uid), r#"k:{\"uid\":\""#] {
            assert_eq!(OwnedFields::new(text).text(), *text);
        }
    }

    #[test]
    fn no_more_forms_are_remembered_than_are_worth_it() {
        let forms = Forms::default();
        let texts: Vec<String> = (0..2 * FORMS).map(|i| format!("{{\"f:{i}\":{{}}}}")).collect();
        assert!(texts.iter().all(|text| *forms.owned(text).text() == **text));
        assert_eq!(forms.0.lock().unwrap().len(), FORMS);
    }
}
