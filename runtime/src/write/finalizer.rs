//! Our finalizer on the primary: added before the first run, removed after the cleanup. Foreign ones are never touched.

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;

use super::delete::Pending;
use super::request::{Refusal, Verb, Write};
use super::state::RunState;
use crate::core::fingerprint::PRIMARY;
use crate::core::record::Record;
use crate::error::WriteError;

/// How often to decide again when others edit the primary at the same time.
const TRIES: usize = 5;
/// How long to wait for the watch to show their edit.
const LAG: Duration = Duration::from_secs(2);

/// Makes sure that the primary carries `finalizer`.
pub(crate) async fn add_finalizer(run: &RunState, finalizer: &str) -> Result<(), WriteError> {
    edit(run, |names| {
        if names.iter().any(|name| name == finalizer) {
            return false;
        }
        names.push(finalizer.to_owned());
        true
    })
    .await
}

/// Takes `finalizer` off the primary.
pub(crate) async fn remove_finalizer(run: &RunState, finalizer: &str) -> Result<(), WriteError> {
    edit(run, |names| {
        let before = names.len();
        names.retain(|name| name != finalizer);
        names.len() != before
    })
    .await
}

/// A merge patch with the whole list, which the resourceVersion protects: if anybody has edited the primary since, the
/// API server refuses it, and it is decided again on the newer version.
async fn edit(run: &RunState, change: impl Fn(&mut Vec<String>) -> bool) -> Result<(), WriteError> {
    let seen = run.primary();
    let mut base = seen.clone();
    for _ in 0..TRIES {
        let mut names: Vec<String> = base.finalizers.iter().map(ToString::to_string).collect();
        if !change(&mut names) {
            return Ok(());
        }
        let last = base.deleting && names.is_empty();
        let body = json!({ "metadata": {
            "uid": base.uid.to_string(), "resourceVersion": base.rv.to_string(), "finalizers": names,
        } });
        let write = Write { index: PRIMARY, key: &seen.key, verb: Verb::Merge, subresource: "", body: &body };
        let pending = last.then(|| Pending::begin(run, PRIMARY, &seen.key, seen.uid));
        match write.send(run).await {
            // The object is gone with its last finalizer; the answer is its last state, under its old version.
            Ok(_) if last => {
                if let Some(pending) = pending {
                    pending.end(true);
                }
                return Ok(());
            }
            Ok(json) => {
                let proven = {
                    let sight = run.sight();
                    sight.contribution(PRIMARY, Some(&seen)) == sight.contribution(PRIMARY, Some(&base))
                };
                return run.answered(PRIMARY, &seen.key, Verb::Merge.word(), &json, proven).map(|_| ());
            }
            Err(Refusal::Gone) => return Err(WriteError::Vanished { object: run.primary_name() }),
            Err(Refusal::Other(error)) => return Err(error),
            Err(Refusal::Outdated) => base = newer(run, &base).await?,
        }
    }
    Err(WriteError::Vanished { object: run.primary_name() })
}

async fn newer(run: &RunState, refused: &Arc<Record>) -> Result<Arc<Record>, WriteError> {
    let id = run.member.id;
    let found = run.member.shared.wait_for(LAG, |world| match world.view_of(id, PRIMARY, &refused.key) {
        // A deletion that begins asks for something else than what is being done; the next run will see it.
        Some(record) if record.uid != refused.uid || record.deleting != refused.deleting => Some(None),
        Some(record) if record.rv > refused.rv => Some(Some(record.clone())),
        Some(_) => None,
        None => Some(None),
    });
    match found.await {
        Some(Some(record)) => Ok(record),
        Some(None) => Err(WriteError::Vanished { object: run.primary_name() }),
        None => Ok(refused.clone()),
    }
}
