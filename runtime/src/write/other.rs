//! The other ways of writing a secondary: creation, replacement, merge patch.

use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;

use serde_json::Value;

use super::apply::{retry, send};
use super::desired::{demanding, named, object, prepare};
use super::noop::live;
use super::refusal::Refusal;
use super::relate::Relating;
use super::request::{Verb, Write};
use super::state::RunState;
use crate::core::attempt::{Attempt, Demand};
use crate::core::key::Key;
use crate::core::record::Record;
use crate::error::WriteError;

/// Creates an object, maybe under a generated name. It is generated here, not by the API server: a client repeats what was
/// answered 504, say, though it may be done, and then must not make two objects of it.
pub(super) async fn create(run: &Arc<RunState>, index: usize, desired: Value) -> Result<Arc<Record>, WriteError> {
    let (mut key, mut body) = prepare(run, index, desired)?;
    if key.name().is_empty() {
        let prefix = body["metadata"]["generateName"].as_str().filter(|prefix| !prefix.is_empty());
        let no_name = || WriteError::NoName { kind: run.member.kinds[index].kind.to_string() };
        let name = generated(prefix.ok_or_else(no_name)?);
        key = Key::new(key.namespace(), &name);
        body["metadata"]["name"] = name.into();
    }
    if run.sight().find(index, &key).is_some() {
        return Err(WriteError::Exists { object: run.object_name(index, &key), seen: true });
    }
    let write = Write { index, key: key.clone(), verb: Verb::Create, subresource: "", body, removes: None };
    let vanished = || WriteError::Vanished { object: run.object_name(index, &key) };
    match write.send(run).await {
        Ok(answer) => run.answered(index, &key, answer, true).ok_or_else(vanished),
        Err(Refusal::Outdated | Refusal::Gone) => Err(vanished()),
        Err(Refusal::Other(error)) => Err(error),
    }
}

/// A name as the API server generates it: the prefix, cut so that the name fits into a label, and five letters.
fn generated(prefix: &str) -> String {
    const LETTERS: &[u8] = b"bcdfghjklmnpqrstvwxz2456789";
    const PREFIX: usize = 58;
    let mut name: String = prefix.chars().take(PREFIX).collect();
    let mut random = RandomState::new().hash_one(prefix);
    for _ in 0..5 {
        name.push(char::from(LETTERS[random as usize % LETTERS.len()]));
        random /= LETTERS.len() as u64;
    }
    name
}

/// Replaces an object by `desired`, in exactly the version that the run sees: what it says of all fields it says on the
/// ground of that version.
pub(super) async fn replace(run: &Arc<RunState>, index: usize, desired: Value) -> Result<Arc<Record>, WriteError> {
    let (key, body) = named(run, index, desired)?;
    let attempt = Attempt::new(&run.sight(), index, key);
    let base = seen(run, &attempt)?;
    Relating::new(run, index, &run.primary(), attempt.key()).stays(&body)?;
    if is_as_wanted(run, index, &base, &body) && run.skips(index, &attempt) {
        return Ok(base);
    }
    match send(run, &attempt, Verb::Replace, demanding(&body, Demand::Version(&base))).await {
        Ok(record) => {
            run.sight().answered(index, attempt.key(), Some(record.clone()), true);
            Ok(record)
        }
        Err(Refusal::Outdated) => Err(WriteError::Outdated { object: run.object_name(index, attempt.key()) }),
        Err(Refusal::Gone) => Err(WriteError::Vanished { object: run.object_name(index, attempt.key()) }),
        Err(Refusal::Other(error)) => Err(error),
    }
}

/// Changes some fields of an object by a merge patch.
pub(super) async fn patch(
    run: &Arc<RunState>,
    index: usize,
    key: &Key,
    patch: &Value,
) -> Result<Arc<Record>, WriteError> {
    let mut patch = patch.clone();
    if let Some(metadata) = patch.pointer_mut("/metadata").and_then(Value::as_object_mut) {
        Relating::new(run, index, &run.primary(), key).keep(metadata)?;
    }
    let mut attempt = Attempt::new(&run.sight(), index, key.clone());
    let mut base = seen(run, &attempt)?;
    loop {
        let mut wanted = live(&run.member.kinds[index], &base);
        if let Some(wanted) = &mut wanted {
            merge(wanted, &patch);
            Relating::new(run, index, &run.primary(), key).stays(wanted)?;
        }
        let done = wanted.is_some_and(|wanted| is_as_wanted(run, index, &base, &wanted));
        if done && run.skips(index, &attempt) {
            return Ok(base);
        }
        let mut body = patch.clone();
        object(&mut body);
        match send(run, &attempt, Verb::Merge, demanding(&body, attempt.demand())).await {
            Ok(record) => {
                let proven = attempt.is_proven(&run.sight());
                run.sight().answered(index, key, Some(record.clone()), proven);
                return Ok(record);
            }
            Err(Refusal::Other(error)) => return Err(error),
            Err(Refusal::Outdated | Refusal::Gone) => retry(run, &mut attempt).await?,
        }
        let vanished = || WriteError::Vanished { object: run.object_name(index, key) };
        base = attempt.base().cloned().ok_or_else(vanished)?;
    }
}

fn seen(run: &RunState, attempt: &Attempt) -> Result<Arc<Record>, WriteError> {
    let not_seen = || WriteError::NotSeen { object: run.object_name(attempt.index(), attempt.key()) };
    attempt.base().cloned().ok_or_else(not_seen)
}

/// Whether the object says already, in all fields, what is wanted; what a server sets aside.
fn is_as_wanted(run: &RunState, index: usize, base: &Record, wanted: &Value) -> bool {
    let Some(live) = live(&run.member.kinds[index], base) else { return false };
    let content = |object: &Value| {
        let mut object = object.clone();
        if let Some(fields) = object.as_object_mut() {
            fields.remove("status");
        }
        if let Some(metadata) = object.get_mut("metadata").and_then(Value::as_object_mut) {
            for field in ["managedFields", "creationTimestamp", "generation", "selfLink", "uid", "resourceVersion"] {
                metadata.remove(field);
            }
        }
        crate::matcher::normalize(&run.member.kinds[index], &mut object);
        object
    };
    content(&live) == content(wanted)
}

/// [RFC 7386](https://www.rfc-editor.org/rfc/rfc7386).
fn merge(target: &mut Value, patch: &Value) {
    let Some(changes) = patch.as_object() else {
        *target = patch.clone();
        return;
    };
    let fields = object(target);
    for (name, change) in changes {
        if change.is_null() {
            fields.remove(name);
        } else {
            merge(fields.entry(name).or_insert(Value::Null), change);
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn generated_names_fit_and_differ() {
        let names: std::collections::HashSet<String> = (0..1000).map(|_| generated("web-")).collect();
        assert!(names.len() > 990 && names.iter().all(|name| name.len() == 9 && name.starts_with("web-")), "{names:?}");
        assert_eq!(generated(&"x".repeat(100)).len(), 63);
    }

    #[test]
    fn a_merge_patch_changes_what_it_names_and_removes_what_it_nulls() {
        let mut target = json!({ "a": { "b": 1, "c": [1, 2] }, "d": 4 });
        merge(&mut target, &json!({ "a": { "b": null, "c": [3], "e": { "f": 5, "g": null } } }));
        assert_eq!(target, json!({ "a": { "c": [3], "e": { "f": 5 } }, "d": 4 }));
    }
}
