//! Server-side apply, and what other writes do to managedFields.

use serde_json::Value;

use super::fields::{Fields, ITEM, Manager, Path, leaves, remove};
use super::schema::{List, Place, is_same};
use super::state::Stored;

/// Who writes, and how.
#[derive(Clone, Debug)]
pub(super) struct Writer<'a> {
    pub(super) manager: &'a str,
    pub(super) subresource: &'a str,
    pub(super) api_version: &'a str,
    pub(super) time: String,
}

impl Writer<'_> {
    fn entry(&self, applies: bool, fields: Fields) -> Manager {
        Manager {
            name: self.manager.to_owned(),
            applies,
            subresource: self.subresource.to_owned(),
            api_version: self.api_version.to_owned(),
            fields,
            time: self.time.clone(),
        }
    }
}

/// A field that somebody else manages, and who.
pub(super) type Conflict = (String, String);

/// What an apply of `body` makes of an object, or whose fields it would take.
pub(super) fn apply<'a>(
    stored: &'a Stored,
    body: &'a Value,
    place: &Place<'a>,
    writer: &Writer<'_>,
    force: bool,
) -> Result<Stored, Vec<Conflict>> {
    let (wanted, live) = (leaves(body, place), leaves(&stored.object, place));
    let own = |manager: &Manager| manager.is(writer.manager, true, writer.subresource);
    let mut managers = stored.managers.clone();
    let mut conflicts = Vec::new();
    for manager in managers.iter_mut().filter(|manager| !own(manager)) {
        let differs = |path: &&Path| live.get(*path) != wanted.get(*path);
        let taken: Vec<Path> =
            manager.fields.iter().filter(|path| wanted.contains_key(*path)).filter(differs).cloned().collect();
        for path in taken {
            conflicts.push((dotted(&path), manager.name.clone()));
            manager.fields.remove(&path);
        }
    }
    if !(force || conflicts.is_empty()) {
        return Err(conflicts);
    }
    let wanted: Fields = wanted.into_keys().collect();
    let before = managers.iter().find(|manager| own(manager)).map(|manager| manager.fields.clone()).unwrap_or_default();
    managers.retain(|manager| !own(manager) && !manager.fields.is_empty());
    let mut object = stored.object.clone();
    // Items first: what is left of them has gone with them.
    let mut dropped: Vec<&Path> = before.difference(&wanted).collect();
    dropped.sort_by_key(|path| path.last().is_none_or(|last| last != ITEM));
    for path in dropped {
        let within = |other: &Path| match path.last().filter(|last| *last == ITEM) {
            Some(_) => other.starts_with(&path[..path.len() - 1]),
            None => other.starts_with(path),
        };
        if !managers.iter().any(|manager| manager.fields.iter().any(within)) {
            remove(&mut object, path);
        }
    }
    merge(&mut object, body, place);
    managers.push(writer.entry(true, wanted));
    Ok(Stored { object, managers })
}

/// What another write makes of who manages what: the writer has what it changes.
pub(super) fn updated<'a>(
    before: Option<&'a Stored>,
    after: &'a Value,
    place: &Place<'a>,
    writer: &Writer<'_>,
) -> Vec<Manager> {
    let old = before.map(|stored| leaves(&stored.object, place)).unwrap_or_default();
    let new = leaves(after, place);
    let changed: Fields =
        new.iter().filter(|(path, value)| old.get(*path) != Some(*value)).map(|(p, _)| p.clone()).collect();
    let mut managers = before.map(|stored| stored.managers.clone()).unwrap_or_default();
    for manager in &mut managers {
        manager.fields.retain(|path| new.contains_key(path) && !changed.contains(path));
    }
    let own = managers.iter_mut().find(|manager| manager.is(writer.manager, false, writer.subresource));
    match own {
        Some(own) => own.fields.extend(changed),
        None => managers.push(writer.entry(false, changed)),
    }
    managers.retain(|manager| !manager.fields.is_empty());
    managers
}

fn merge(live: &mut Value, wanted: &Value, place: &Place<'_>) {
    match (&mut *live, wanted) {
        (Value::Object(fields), Value::Object(wanted)) if !place.is_atomic_map() => {
            for (name, value) in wanted {
                let place = place.field(name);
                if !place.is_identity() && !value.is_null() {
                    merge(fields.entry(name.clone()).or_insert(Value::Null), value, &place);
                }
            }
        }
        (Value::Array(items), Value::Array(wanted)) => match place.list(wanted) {
            List::Keyed(keys) => merge_items(items, wanted, |a, b| is_same(a, b, keys), place),
            List::Set => merge_items(items, wanted, |a, b| a == b, place),
            List::Atomic => *live = Value::Array(wanted.clone()),
        },
        _ => *live = wanted.clone(),
    }
}

/// What is wanted is there then, in the order in which it is wanted.
fn merge_items(items: &mut Vec<Value>, wanted: &[Value], same: impl Fn(&Value, &Value) -> bool, place: &Place<'_>) {
    let mut places = Vec::new();
    for item in wanted {
        match items.iter().position(|other| same(item, other)) {
            Some(i) => {
                merge(&mut items[i], item, place);
                places.push(i);
            }
            None => {
                items.push(item.clone());
                places.push(items.len() - 1);
            }
        }
    }
    let mut sorted = places.clone();
    sorted.sort_unstable();
    let ordered: Vec<Value> = places.iter().map(|i| items[*i].clone()).collect();
    for (i, item) in sorted.into_iter().zip(ordered) {
        items[i] = item;
    }
}

/// As the API server names a field in a conflict.
fn dotted(path: &[String]) -> String {
    let part = |element: &String| match element.split_at_checked(2) {
        Some(("f:", name)) => format!(".{name}"),
        Some(("k:", key)) => format!("[{}]", key.trim_matches(['{', '}'])),
        Some(("v:", value)) => format!("[={value}]"),
        _ => String::new(),
    };
    path.iter().map(part).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::path::Resource;
    use super::*;

    fn resource() -> Resource {
        Resource { group: "apps".into(), plural: "deployments".into() }
    }

    fn writer(manager: &str) -> Writer<'_> {
        Writer { manager, subresource: "", api_version: "apps/v1", time: String::new() }
    }

    fn applied(stored: &Stored, body: &Value, manager: &str, force: bool) -> Result<Stored, Vec<Conflict>> {
        let resource = resource();
        super::apply(stored, body, &Place::root(&resource), &writer(manager), force)
    }

    fn spec(body: Value) -> Value {
        json!({ "metadata": { "name": "x", "labels": { "a": "1" } }, "spec": { "template": { "spec": body } } })
    }

    #[test]
    fn what_is_not_applied_any_more_goes_unless_somebody_else_has_it() {
        let both = spec(json!({ "containers": [{ "name": "a", "image": "x" }, { "name": "b", "image": "y" }] }));
        let stored = applied(&Stored::default(), &both, "one", false).unwrap();
        assert_eq!(stored.object["spec"], both["spec"]);
        let entry = stored.managers[0].to_json();
        let containers = &entry["fieldsV1"]["f:spec"]["f:template"]["f:spec"]["f:containers"];
        assert_eq!(containers["k:{\"name\":\"a\"}"], json!({ ".": {}, "f:image": {}, "f:name": {} }));
        let stored = applied(&stored, &spec(json!({ "containers": [{ "name": "b", "image": "y" }] })), "two", false);
        let stored = stored.expect("what is the same is shared");
        let none = json!({ "metadata": { "name": "x" } });
        let stored = applied(&stored, &none, "one", false).unwrap();
        let left = json!([{ "name": "b", "image": "y" }]);
        assert_eq!(stored.object["spec"]["template"]["spec"]["containers"], left);
        assert_eq!(stored.object["metadata"]["labels"], json!({ "a": "1" }), "the second has it, too");
    }

    #[test]
    fn a_field_of_somebody_else_is_taken_by_force_alone() {
        let stored = applied(&Stored::default(), &json!({ "spec": { "replicas": 1 } }), "one", false).unwrap();
        let conflicts = applied(&stored, &json!({ "spec": { "replicas": 2 } }), "two", false).unwrap_err();
        assert_eq!(conflicts, [(".spec.replicas".to_owned(), "one".to_owned())]);
        let stored = applied(&stored, &json!({ "spec": { "replicas": 2 } }), "two", true).unwrap();
        let names: Vec<&str> = stored.managers.iter().map(|manager| &*manager.name).collect();
        assert_eq!((names, &stored.object["spec"]["replicas"]), (vec!["two"], &json!(2)));
    }

    #[test]
    fn an_update_takes_what_it_changes() {
        let body = json!({ "spec": { "replicas": 1, "paused": true } });
        let stored = applied(&Stored::default(), &body, "one", false).unwrap();
        let after = json!({ "spec": { "replicas": 3, "paused": true } });
        let resource = resource();
        let managers = updated(Some(&stored), &after, &Place::root(&resource), &writer("hand"));
        let of = |name: &str| managers.iter().find(|manager| manager.name == name).unwrap().to_json();
        assert_eq!(of("one")["fieldsV1"], json!({ "f:spec": { "f:paused": {} } }));
        assert_eq!(of("hand")["fieldsV1"], json!({ "f:spec": { "f:replicas": {} } }));
    }

    #[test]
    fn merged_lists_keep_what_is_others_and_take_the_order_that_is_wanted() {
        let stored = Stored {
            object: spec(json!({ "containers": [{ "name": "side" }, { "name": "b" }, { "name": "a", "tty": true }] })),
            managers: Vec::new(),
        };
        let wanted = spec(json!({ "containers": [{ "name": "a" }, { "name": "b" }] }));
        let stored = applied(&stored, &wanted, "one", false).unwrap();
        let names = json!([{ "name": "side" }, { "name": "a", "tty": true }, { "name": "b" }]);
        assert_eq!(stored.object["spec"]["template"]["spec"]["containers"], names);
    }
}
