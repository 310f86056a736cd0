//! Server-side apply of a secondary that the primary owns.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Map, Value, json};

use super::request::{Refusal, Verb, Write};
use super::state::RunState;
use crate::core::fingerprint::PRIMARY;
use crate::core::key::{Key, Rv};
use crate::core::record::Record;
use crate::error::{ObjectName, WriteError};

/// How often a write is decided again after the API server refused it as outdated, before only the uid is demanded.
const TRIES: usize = 3;
/// How long to wait for the watch to show what a refused write did not know.
const LAG: Duration = Duration::from_secs(2);
/// A resourceVersion that no object has: the API server takes it for a creation alone, and answers 409 if the object
/// exists. (`0` would mean no precondition.)
const CREATE_ONLY: &str = "1";

/// Applies `desired` as the secondary at `index`, owned by the primary.
pub(super) async fn apply(run: &RunState, index: usize, desired: Value) -> Result<Arc<Record>, WriteError> {
    let (key, mut body) = prepare(run, index, desired)?;
    let seen = run.sight().find(index, &key).cloned();
    let mut base = seen;
    for attempt in 0..=TRIES {
        demand(&mut body, base.as_deref(), attempt == TRIES);
        let write = Write { index, key: &key, verb: Verb::Apply, subresource: "", body: &body };
        match write.send(run).await {
            Ok(json) => {
                let proven = attempt < TRIES && is_as_seen(run, index, &key, base.as_ref());
                return run.answered(index, &key, Verb::Apply.word(), &json, proven);
            }
            Err(Refusal::Other(error)) => return Err(error),
            Err(Refusal::Outdated | Refusal::Gone) => base = newer(run, index, &key, base).await?,
        }
    }
    Err(WriteError::Vanished { object: run.object_name(index, &key) })
}

/// The body to send, and the name of the object in it.
fn prepare(run: &RunState, index: usize, desired: Value) -> Result<(Key, Value), WriteError> {
    let kind = &run.member.kinds[index];
    let primary = run.primary();
    let mut body = desired;
    body["apiVersion"] = kind.api_version().into();
    body["kind"] = (*kind.kind).into();
    let metadata = object(&mut body["metadata"]);
    let name = metadata.get("name").and_then(Value::as_str).filter(|name| !name.is_empty());
    let name = name.ok_or_else(|| WriteError::NoName { kind: kind.kind.to_string() })?.to_owned();
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
    for field in ["managedFields", "creationTimestamp", "generation", "selfLink"] {
        metadata.remove(field);
    }
    own(run, &primary, metadata);
    object(&mut body).remove("status");
    Ok((key, body))
}

/// Adds the controller reference, in place of any other reference to the primary.
fn own(run: &RunState, primary: &Record, metadata: &mut Map<String, Value>) {
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

/// Sets the precondition: the version that the decision rests on, its uid alone, or that there is none.
fn demand(body: &mut Value, base: Option<&Record>, uid_alone: bool) {
    let metadata = object(&mut body["metadata"]);
    metadata.remove("uid");
    metadata.remove("resourceVersion");
    match base {
        Some(record) => {
            metadata.insert("uid".into(), record.uid.to_string().into());
            if !uid_alone {
                metadata.insert("resourceVersion".into(), record.rv.to_string().into());
            }
        }
        None => {
            metadata.insert("resourceVersion".into(), CREATE_ONLY.into());
        }
    }
}

/// Whether the version that the API server has accepted as precondition tells nothing new to what the run sees.
fn is_as_seen(run: &RunState, index: usize, key: &Key, base: Option<&Arc<Record>>) -> bool {
    let sight = run.sight();
    sight.contribution(index, sight.find(index, key)) == sight.contribution(index, base)
}

/// After a refusal of `base`: what the caches show instead. Deciding again on the version that was refused would be wrong.
async fn newer(
    run: &RunState,
    index: usize,
    key: &Key,
    refused: Option<Arc<Record>>,
) -> Result<Option<Arc<Record>>, WriteError> {
    let id = run.member.id;
    let known: Option<Rv> = refused.as_ref().map(|record| record.rv);
    let found = run.member.shared.wait_for(LAG, |world| match (world.view_of(id, index, key), known) {
        (Some(record), None) => Some(Some(record.clone())),
        (Some(record), Some(rv)) if record.rv > rv => Some(Some(record.clone())),
        (None, Some(_)) => Some(None),
        _ => None,
    });
    let not_ours = |controller| {
        Err(WriteError::NotOurs { object: run.object_name(index, key), primary: run.primary_name(), controller })
    };
    match found.await {
        Some(Some(record)) => match record.controller() {
            Some(owner) if owner.uid == run.primary().uid => Ok(Some(record)),
            Some(owner) => not_ours(Some(format!("{} with uid {}", owner.kind, owner.uid))),
            None => not_ours(None),
        },
        Some(None) => Ok(None),
        // The watch holds only what is related to us: what it does not show, and yet exists, belongs to somebody else.
        None if refused.is_none() => not_ours(None),
        None => Ok(refused),
    }
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
