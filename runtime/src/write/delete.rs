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
        Ok(json) if is_status(&json) => {
            pending.end(true);
            run.sight().answered(index, key, None, true);
            Ok(true)
        }
        Ok(json) => {
            // Finalizers, or a grace period, keep it for now: the answer is the object, being deleted.
            pending.end(false);
            run.answered(index, key, Verb::Delete.word(), &json, false)?;
            Ok(true)
        }
        // Somebody was faster, or has made it anew; what we saw is gone either way.
        Err(Refusal::Gone) => {
            pending.end(true);
            run.sight().answered(index, key, None, true);
            Ok(true)
        }
        Err(Refusal::Outdated) => {
            drop(pending);
            run.sight().answered(index, key, None, false);
            Ok(true)
        }
        Err(Refusal::Other(error)) => Err(error),
    }
}

fn is_status(json: &str) -> bool {
    serde_json::from_str::<kube::core::TypeMeta>(json).is_ok_and(|types| types.kind == "Status")
}

/// A delete in flight. However it ends, cancelled too, the core is told.
pub(super) struct Pending<'a> {
    run: &'a RunState,
    index: usize,
    key: &'a Key,
    uid: Uid,
}

impl<'a> Pending<'a> {
    pub(super) fn begin(run: &'a RunState, index: usize, key: &'a Key, uid: Uid) -> Self {
        run.member.shared.world().delete_begin(run.member.id, index, key, uid);
        Self { run, index, key, uid }
    }

    /// `deleted`: nothing is left of the object.
    pub(super) fn end(self, deleted: bool) {
        self.tell(deleted);
    }

    fn tell(&self, deleted: bool) {
        let Self { run, index, key, uid } = self;
        run.member.shared.change(|world, now| world.delete_end(run.member.id, *index, key, *uid, deleted, now));
    }
}

impl Drop for Pending<'_> {
    /// Without an answer nothing is known to be deleted. After `end` this finds nothing left to do.
    fn drop(&mut self) {
        self.tell(false);
    }
}
