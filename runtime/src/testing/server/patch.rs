//! Merge patches and JSON patches.

use serde_json::{Map, Value};

use super::refusal::Refusal;

/// [RFC 7386](https://www.rfc-editor.org/rfc/rfc7386).
pub(super) fn merge(target: &mut Value, patch: &Value) {
    let Some(changes) = patch.as_object() else {
        *target = patch.clone();
        return;
    };
    if !target.is_object() {
        *target = Value::Object(Map::new());
    }
    let Some(fields) = target.as_object_mut() else { return };
    for (name, change) in changes {
        if change.is_null() {
            fields.remove(name);
        } else {
            merge(fields.entry(name.clone()).or_insert(Value::Null), change);
        }
    }
}

/// [RFC 6902](https://www.rfc-editor.org/rfc/rfc6902), but for `copy` and `move`; what is not there equals null, as it does to the API
/// server.
pub(super) fn json_patch(target: &mut Value, operations: &Value) -> Result<(), Refusal> {
    let refused = || Refusal::new(422, "the server rejected our request due to an error in our request");
    for operation in operations.as_array().ok_or_else(refused)? {
        let path = operation["path"].as_str().ok_or_else(refused)?;
        let value = operation["value"].clone();
        let done = match operation["op"].as_str() {
            Some("test") => target.pointer(path).unwrap_or(&Value::Null) == &value,
            Some("add") => put(target, path, Some(value), true),
            Some("replace") => target.pointer(path).is_some() && put(target, path, Some(value), false),
            Some("remove") => target.pointer(path).is_some() && put(target, path, None, false),
            _ => false,
        };
        if !done {
            return Err(refused());
        }
    }
    Ok(())
}

/// Sets or removes what is at a path; whether there is such a place.
fn put(target: &mut Value, path: &str, value: Option<Value>, inserts: bool) -> bool {
    let Some((parent, name)) = path.rsplit_once('/') else { return false };
    let name = name.replace("~1", "/").replace("~0", "~");
    match (target.pointer_mut(parent), value) {
        (Some(Value::Object(fields)), Some(value)) => {
            fields.insert(name, value);
            true
        }
        (Some(Value::Object(fields)), None) => fields.remove(&name).is_some(),
        (Some(Value::Array(items)), value) => {
            let place = if name == "-" { Some(items.len()) } else { name.parse().ok() };
            let Some(place) = place.filter(|place| *place <= items.len()) else { return false };
            match value {
                Some(value) if inserts => items.insert(place, value),
                Some(value) if place < items.len() => items[place] = value,
                None if place < items.len() => drop(items.remove(place)),
                _ => return false,
            }
            true
        }
        _ => false,
    }
}

/// Takes out what is null: it is not stored.
pub(super) fn without_nulls(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            fields.retain(|_, value| !value.is_null());
            fields.values_mut().for_each(without_nulls);
        }
        Value::Array(items) => items.iter_mut().for_each(without_nulls),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn json_patches_are_done_as_a_whole_or_refused() {
        let mut object = json!({ "metadata": { "uid": "u" }, "list": [1, 3] });
        let patch = json!([
            { "op": "test", "path": "/metadata/finalizers", "value": null },
            { "op": "add", "path": "/metadata/finalizers", "value": ["a/b"] },
            { "op": "add", "path": "/list/1", "value": 2 },
            { "op": "replace", "path": "/list/2", "value": 4 },
            { "op": "remove", "path": "/list/0" },
        ]);
        json_patch(&mut object, &patch).unwrap();
        assert_eq!(object, json!({ "metadata": { "uid": "u", "finalizers": ["a/b"] }, "list": [2, 4] }));
        for operation in [
            json!({ "op": "test", "path": "/metadata/uid", "value": "v" }),
            json!({ "op": "remove", "path": "/none" }),
            json!({ "op": "add", "path": "/list/9", "value": 1 }),
            json!({ "op": "move", "path": "/list" }),
        ] {
            assert!(json_patch(&mut object, &json!([operation])).is_err(), "{operation}");
        }
    }
}
