//! Writes that would change nothing are not sent.

use std::hash::Hash;
use std::sync::Arc;

use serde_json::Value;

use super::state::RunState;
use crate::core::attempt::Attempt;
use crate::core::primaries::Applied;
use crate::core::record::Record;
use crate::matcher::{self, Verdict};
use crate::projection::ProjectionHasher;

/// What a run wants to apply to an object, or to its status.
#[derive(Debug)]
pub(super) struct Wish {
    body: Value,
    subresource: &'static str,
    print: u128,
}

impl Wish {
    /// `body` without precondition, normalized.
    pub(super) fn new(body: Value, subresource: &'static str) -> Self {
        let mut hasher = ProjectionHasher::new();
        body.to_string().hash(&mut hasher);
        Self { body, subresource, print: hasher.finish128() }
    }

    pub(super) fn body(&self) -> &Value {
        &self.body
    }

    /// The version that the run goes on with, if the attempt would change nothing of it and may be left out.
    pub(super) fn is_granted(&self, run: &RunState, attempt: &Attempt) -> Option<Arc<Record>> {
        let base = attempt.base()?;
        let granted = self.changes_nothing(run, attempt.index(), base) && attempt.skip(&mut run.sight());
        granted.then(|| base.clone())
    }

    /// Remembers what the API server has made of this wish: as long as that is there, the same wish changes nothing,
    /// whatever the API server defaults or normalises.
    pub(super) fn was_granted(&self, run: &RunState, index: usize, answer: &Record) {
        if let Some(stored) = self.stored(run, index, answer) {
            self.remember(run, index, answer, stored);
        }
    }

    fn changes_nothing(&self, run: &RunState, index: usize, base: &Record) -> bool {
        let applied = run.member.shared.world().applied(run.member.id, run.id, index, base);
        let applied = applied.filter(|applied| applied.wish == self.print);
        if applied.is_some_and(|applied| applied.rv == base.rv) {
            return true;
        }
        let Some(live) = self.live(run, index, base) else { return false };
        let Some(owned) = base.owned(&run.member.field_manager, self.subresource) else { return false };
        let stored = matcher::owned_part(&live, owned);
        let same = match (applied, stored) {
            (Some(applied), Some(stored)) if applied.stored == stored => true,
            _ => matches!(matcher::compare(&run.member.kinds[index], &self.body, &live, owned), Verdict::Same),
        };
        if let Some(stored) = stored.filter(|_| same) {
            self.remember(run, index, base, stored);
        }
        same
    }

    fn stored(&self, run: &RunState, index: usize, record: &Record) -> Option<u128> {
        matcher::owned_part(&self.live(run, index, record)?, record.owned(&run.member.field_manager, self.subresource)?)
    }

    /// The object as JSON, if it is this version of it.
    fn live(&self, run: &RunState, index: usize, record: &Record) -> Option<Value> {
        (run.member.kinds[index].encode)(record.current()?)
    }

    fn remember(&self, run: &RunState, index: usize, record: &Record, stored: u128) {
        let applied = Applied { wish: self.print, stored, rv: record.rv };
        run.member.shared.world().remember(run.member.id, run.id, index, record, applied);
    }
}
