//! What a run wants an object to be, as a request's body.

use serde_json::{Map, Value};

use super::relate::Relating;
use super::state::RunState;
use crate::core::attempt::Demand;
use crate::core::key::Key;
use crate::error::WriteError;

/// A resourceVersion that no object has: the API server takes it for a creation alone, and answers 409 if the object
/// exists. (`0` would mean no precondition.)
const CREATE_ONLY: &str = "1";

/// The body to send, related to the primary, and the key of the object in it; without a name for one that the API server
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
    let relating = Relating::new(run, index, &primary, &key);
    relating.allows_namespace()?;
    if let Some(namespace) = namespace {
        metadata.insert("namespace".into(), namespace.into());
    }
    // What a server sets, left over from an object that was read, would make the apply fail.
    for field in ["managedFields", "creationTimestamp", "generation", "selfLink", "uid", "resourceVersion"] {
        metadata.remove(field);
    }
    relating.relate(metadata)?;
    object(&mut body).remove("status");
    relating.is_mapped(&body)?;
    relating.is_selected(&body)?;
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
