//! What a run wants an object to be, as a request's body.

use serde_json::{Map, Value, json};

use super::state::RunState;
use crate::core::attempt::Demand;
use crate::core::fingerprint::PRIMARY;
use crate::core::key::Key;
use crate::core::record::Record;
use crate::error::{ObjectName, WriteError};

/// A resourceVersion that no object has: the API server takes it for a creation alone, and answers 409 if the object
/// exists. (`0` would mean no precondition.)
const CREATE_ONLY: &str = "1";

/// The body to send, owned by the primary, and the key of the object in it; without a name for one that the API server
/// is to name.
pub(super) fn prepare(run: &RunState, index: usize, desired: Value) -> Result<(Key, Value), WriteError> {
    let kind = &run.member.kinds[index];
    let primary = run.primary();
    let mut body = desired;
    body["apiVersion"] = kind.api_version().into();
    body["kind"] = (*kind.kind).into();
    let metadata = object(&mut body["metadata"]);
    let name = metadata.get("name").and_then(Value::as_str).unwrap_or_default().to_owned();
    let home = primary.key.namespace();
    let namespace = metadata.get("namespace").and_then(Value::as_str).map(str::to_owned);
    let namespace = if kind.namespaced { namespace.or(home.map(str::to_owned)) } else { None };
    let key = Key::new(namespace.as_deref(), &name);
    let refuse = |reason| {
        let object = ObjectName::new(kind, &key);
        Err(WriteError::CannotOwn { object, primary: run.primary_name(), reason })
    };
    if home.is_some() && namespace.as_deref() != home {
        return refuse(
            "owner references do not cross namespaces and the garbage collector would delete it; use the primary's namespace",
        );
    }
    if kind.namespaced && namespace.is_none() {
        return refuse("it needs a namespace, since its primary has none; set `metadata.namespace`");
    }
    if let Some(namespace) = namespace {
        metadata.insert("namespace".into(), namespace.into());
    }
    // What a server sets, left over from an object that was read, would make the apply fail.
    for field in ["managedFields", "creationTimestamp", "generation", "selfLink", "uid", "resourceVersion"] {
        metadata.remove(field);
    }
    own(run, &primary, metadata);
    if controllers(metadata) > 1 {
        return refuse("it names another controller; leave `controller` out of the other owner references");
    }
    object(&mut body).remove("status");
    crate::matcher::normalize(kind, &mut body);
    Ok((key, body))
}

/// The same for an object that must have a name.
pub(super) fn named(run: &RunState, index: usize, desired: Value) -> Result<(Key, Value), WriteError> {
    let (key, body) = prepare(run, index, desired)?;
    if key.name().is_empty() {
        return Err(WriteError::NoName { kind: run.member.kinds[index].kind.to_string() });
    }
    Ok((key, body))
}

/// Adds the controller reference, in place of any other reference to the primary.
pub(super) fn own(run: &RunState, primary: &Record, metadata: &mut Map<String, Value>) {
    let kind = &run.member.kinds[PRIMARY];
    let uid = primary.uid.to_string();
    let reference = json!({
        "apiVersion": kind.api_version(), "kind": kind.kind, "name": primary.key.name(), "uid": uid,
        "controller": true, "blockOwnerDeletion": true,
    });
    let mut references = match metadata.remove("ownerReferences") {
        Some(Value::Array(references)) => references,
        _ => Vec::new(),
    };
    references.retain(|reference| reference["uid"] != uid.as_str());
    references.push(reference);
    metadata.insert("ownerReferences".into(), references.into());
}

fn controllers(metadata: &Map<String, Value>) -> usize {
    let references = metadata.get("ownerReferences").and_then(Value::as_array);
    references.map_or(0, |references| references.iter().filter(|reference| reference["controller"] == true).count())
}

/// The body with its precondition.
pub(super) fn demanding(body: &Value, demand: Demand<'_>) -> Value {
    let mut body = body.clone();
    let metadata = object(&mut body["metadata"]);
    let (uid, rv) = match demand {
        Demand::Absent => (None, Some(CREATE_ONLY.to_owned())),
        Demand::Uid(record) | Demand::Finalizers(record) => (Some(record.uid), None),
        Demand::Version(record) => (Some(record.uid), Some(record.version().to_string())),
    };
    metadata.extend(uid.map(|uid| ("uid".to_owned(), uid.to_string().into())));
    metadata.extend(rv.map(|rv| ("resourceVersion".to_owned(), rv.into())));
    body
}

/// The map behind a value; anything else is replaced by an empty one.
pub(super) fn object(value: &mut Value) -> &mut Map<String, Value> {
    if !value.is_object() {
        *value = Value::Object(Map::new());
    }
    match value {
        Value::Object(map) => map,
        _ => unreachable!("it has just been made one"),
    }
}
