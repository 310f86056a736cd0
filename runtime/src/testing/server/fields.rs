//! Who manages which fields: the sets behind managedFields.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::schema::{List, Place, key_value};

/// The way to a field, by the elements that managedFields names it with.
pub(super) type Path = Vec<String>;
/// Fields, by their paths; the item of a list itself is named by a dot.
pub(super) type Fields = BTreeSet<Path>;

/// What stands for an item of a list itself.
pub(super) const ITEM: &str = ".";

/// One entry of managedFields.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Manager {
    pub(super) name: String,
    pub(super) applies: bool,
    pub(super) subresource: String,
    pub(super) api_version: String,
    pub(super) fields: Fields,
    pub(super) time: String,
}

impl Manager {
    pub(super) fn to_json(&self) -> Value {
        let mut entry = json!({
            "manager": self.name, "operation": if self.applies { "Apply" } else { "Update" },
            "apiVersion": self.api_version, "time": self.time, "fieldsType": "FieldsV1", "fieldsV1": tree(&self.fields),
        });
        if !self.subresource.is_empty() {
            entry["subresource"] = self.subresource.clone().into();
        }
        entry
    }

    pub(super) fn is(&self, name: &str, applies: bool, subresource: &str) -> bool {
        self.name == name && self.applies == applies && self.subresource == subresource
    }
}

/// The fields as `fieldsV1`.
fn tree(fields: &Fields) -> Value {
    let mut root = Map::new();
    for path in fields {
        let mut node = &mut root;
        for element in path {
            let next = node.entry(element.clone()).or_insert_with(|| Value::Object(Map::new()));
            let Value::Object(map) = next else { break };
            node = map;
        }
    }
    Value::Object(root)
}

/// Each field of an object that can be managed by itself, with its value. Nulls are none.
pub(super) fn leaves<'a>(object: &'a Value, place: &Place<'a>) -> BTreeMap<Path, &'a Value> {
    let mut found = BTreeMap::new();
    collect(object, place, &mut Vec::new(), &mut found);
    found
}

fn collect<'a>(value: &'a Value, place: &Place<'a>, path: &mut Path, found: &mut BTreeMap<Path, &'a Value>) {
    match value {
        Value::Null => {}
        // Of a merged list that is empty, nobody has anything.
        Value::Array(items) if items.is_empty() && place.list(items) != List::Atomic => {}
        Value::Object(fields) if place.is_head() || !(fields.is_empty() || place.is_atomic_map()) => {
            for (name, value) in fields {
                let place = place.field(name);
                if !place.is_identity() {
                    path.push(format!("f:{name}"));
                    collect(value, &place, path, found);
                    path.pop();
                }
            }
        }
        Value::Array(items) if !items.is_empty() && place.list(items) != List::Atomic => {
            for item in items {
                path.push(element(item, place.list(items)));
                if let List::Keyed(_) = place.list(items) {
                    path.push(ITEM.to_owned());
                    found.insert(path.clone(), &Value::Null);
                    path.pop();
                    collect(item, place, path, found);
                } else {
                    found.insert(path.clone(), item);
                }
                path.pop();
            }
        }
        value => {
            found.insert(path.clone(), value);
        }
    }
}

/// What an item of a merged list is called.
fn element(item: &Value, list: List) -> String {
    match list {
        List::Keyed(keys) => {
            let key: Map<String, Value> = keys.iter().map(|key| ((*key).to_owned(), key_value(item, key))).collect();
            format!("k:{}", Value::Object(key))
        }
        _ => format!("v:{item}"),
    }
}

/// Takes a field out of an object, and the maps that are empty then.
pub(super) fn remove(object: &mut Value, path: &[String]) {
    let [element, rest @ ..] = path else { return };
    if let (Some(name), Value::Object(fields)) = (element.strip_prefix("f:"), &mut *object) {
        let Some(value) = fields.get_mut(name) else { return };
        if !rest.is_empty() {
            remove(value, rest);
        }
        let empty = value.as_object().is_some_and(Map::is_empty) || value.as_array().is_some_and(Vec::is_empty);
        if rest.is_empty() || empty {
            fields.remove(name);
        }
        return;
    }
    let Value::Array(items) = object else { return };
    let Some(place) = items.iter().position(|item| is_named(item, element)) else { return };
    match rest {
        [] => drop(items.remove(place)),
        [dot] if dot == ITEM => drop(items.remove(place)),
        rest => remove(&mut items[place], rest),
    }
}

fn is_named(item: &Value, element: &str) -> bool {
    match element.split_at_checked(2) {
        Some(("k:", key)) => serde_json::from_str::<Map<String, Value>>(key)
            .is_ok_and(|key| key.iter().all(|(name, value)| key_value(item, name) == *value)),
        Some(("v:", value)) => serde_json::from_str::<Value>(value).is_ok_and(|value| value == *item),
        _ => false,
    }
}
