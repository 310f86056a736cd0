//! Deletes of secondaries that the run sees.

use serde_json::json;

use super::request::{Refusal, Verb, Write};
use super::state::RunState;
use crate::core::key::{Key, Uid};
use crate::error::WriteError;

/// Deletes the secondary under `key`, if the run sees one; returns whether it did.
pub(super) async fn delete(run: &RunState, index: usize, key: &Key) -> Result<bool, WriteError> {
    let Some(seen) = run.sight().find(index, key).cloned() else { return Ok(false) };
    let body = json!({ "apiVersion": "v1", "kind": "DeleteOptions", "preconditions": { "uid": seen.uid.to_string() } });
    let pending = Pending::begin(run, index, key, seen.uid);
    let answer = Write { index, key, verb: Verb::Delete, subresource: "", body: &body }.send(run).await;
    match answer {
        Ok(json) if leaves_nothing(&json) => {
            pending.end(true);
            run.sight().answered(index, key, None, true);
        }
        Ok(json) => {
            // Finalizers, or a grace period, keep it for now: the answer is the object, being deleted.
            pending.end(false);
            run.answered(index, key, Verb::Delete.word(), &json, false)?;
        }
        // Somebody was faster, or has made it anew; what we saw is gone either way.
        Err(Refusal::Gone | Refusal::Outdated) => {
            pending.end(false);
            let (id, uid) = (run.member.id, seen.uid);
            run.member.shared.change(|world, now| world.vanished(id, index, key, uid, now));
            run.sight().answered(index, key, None, true);
        }
        Err(Refusal::Other(error)) => return Err(error),
    }
    Ok(true)
}

/// Whether the answer to a delete says that the object is gone: a `Status`, or, of some kinds, the object's last state,
/// which nothing holds any more.
fn leaves_nothing(json: &str) -> bool {
    #[derive(serde::Deserialize)]
    struct Answer {
        kind: String,
        #[serde(default)]
        metadata: Metadata,
    }
    #[derive(Default, serde::Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Metadata {
        #[serde(default)]
        finalizers: Vec<serde::de::IgnoredAny>,
        #[serde(default)]
        deletion_grace_period_seconds: u64,
    }
    serde_json::from_str::<Answer>(json).is_ok_and(|Answer { kind, metadata }| {
        kind == "Status" || metadata.finalizers.is_empty() && metadata.deletion_grace_period_seconds == 0
    })
}

/// A delete in flight. However it ends, cancelled too, the core is told, once.
pub(super) struct Pending<'a> {
    run: &'a RunState,
    index: usize,
    key: &'a Key,
    uid: Uid,
    deleted: bool,
}

impl<'a> Pending<'a> {
    pub(super) fn begin(run: &'a RunState, index: usize, key: &'a Key, uid: Uid) -> Self {
        run.member.shared.world().delete_begin(run.member.id, index, key, uid);
        Self { run, index, key, uid, deleted: false }
    }

    /// The answer has come; `deleted`: nothing is left of the object.
    pub(super) fn end(mut self, deleted: bool) {
        self.deleted = deleted;
    }
}

impl Drop for Pending<'_> {
    /// Without an answer nothing is known to be deleted.
    fn drop(&mut self) {
        let Self { run, index, key, uid, deleted } = self;
        run.member.shared.change(|world, now| world.delete_end(run.member.id, *index, key, *uid, *deleted, now));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_delete_leaves() {
        assert!(leaves_nothing(r#"{"kind":"Status","status":"Success"}"#));
        assert!(leaves_nothing(r#"{"kind":"Pod","metadata":{"deletionGracePeriodSeconds":0}}"#), "not on a node");
        assert!(!leaves_nothing(r#"{"kind":"Pod","metadata":{"deletionGracePeriodSeconds":30}}"#), "on a node");
        assert!(!leaves_nothing(
            r#"{"kind":"ConfigMap","metadata":{"finalizers":["a/b"],"deletionGracePeriodSeconds":0}}"#
        ));
        assert!(!leaves_nothing("404 page not found"));
    }
}
