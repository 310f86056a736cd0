//! Writes that would change nothing are not sent, and those that come again and again are noticed.

use std::hash::Hash;
use std::sync::Arc;

use serde_json::Value;

use super::state::RunState;
use crate::clock::now;
use crate::core::applied::{Applied, Quarrel};
use crate::core::attempt::Attempt;
use crate::core::record::Record;
use crate::kind::KindInfo;
use crate::matcher::{self, Difference, OwnedFields, Verdict};
use crate::projection::ProjectionHasher;
use crate::stats::Quarrels;

/// Whether an apply would change anything.
#[derive(Debug)]
pub(crate) enum Judgement {
    /// Nothing: this very version was found to be as desired before.
    Known,
    /// Nothing. A hash of what is stored, unless that cannot be told.
    Same(Option<u128>),
    /// Something, or who knows: this, where it can be told.
    Other(Option<Difference>),
}

/// What a run wants to apply to an object, or to its status.
#[derive(Debug)]
pub(crate) struct Wish {
    body: Value,
    subresource: &'static str,
    print: u128,
}

impl Wish {
    /// `body` without precondition, normalized.
    pub(crate) fn new(body: Value, subresource: &'static str) -> Self {
        let mut hasher = ProjectionHasher::new();
        body.to_string().hash(&mut hasher);
        Self { body, subresource, print: hasher.finish128() }
    }

    pub(super) fn body(&self) -> &Value {
        &self.body
    }

    /// The version that the run goes on with, if the attempt would change nothing of it and may be left out.
    pub(super) fn is_granted(&self, run: &RunState, attempt: &Attempt) -> Option<Arc<Record>> {
        let (index, base) = (attempt.index(), attempt.base()?);
        match self.difference(run, index, base) {
            None => run.skips(index, attempt).then(|| base.clone()),
            Some(difference) => {
                if attempt.is_first() {
                    self.look_for_quarrels(run, index, base, difference.as_ref());
                }
                None
            }
        }
    }

    /// Remembers what the API server has made of this wish: as long as that is there, the same wish changes nothing,
    /// whatever the API server defaults or normalises.
    pub(super) fn was_granted(&self, run: &RunState, index: usize, answer: &Record) {
        if let Some(stored) = self.stored(run, index, answer) {
            self.remember(run, index, answer, stored);
        }
    }

    /// What the apply would change; `Some(None)` if that cannot be told.
    fn difference(&self, run: &RunState, index: usize, base: &Record) -> Option<Option<Difference>> {
        let applied = run.member.shared.world().applied(run.member.id, run.id, index, base);
        match self.judge(&run.member.kinds[index], &run.member.field_manager, applied, base) {
            Judgement::Known => None,
            Judgement::Same(stored) => {
                if let Some(stored) = stored {
                    self.remember(run, index, base, stored);
                }
                None
            }
            Judgement::Other(difference) => {
                if let Some(difference) = &difference {
                    let object = run.object_name(index, &base.key);
                    tracing::debug!(%object, manager = run.member.field_manager, %difference, "is not as desired");
                }
                Some(difference)
            }
        }
    }

    /// Whether applying this to `base` would change anything; `applied` is what was applied to it last.
    pub(crate) fn judge(&self, kind: &KindInfo, manager: &str, applied: Option<Applied>, base: &Record) -> Judgement {
        let applied = applied.filter(|applied| applied.wish == Some(self.print));
        if applied.is_some_and(|applied| applied.rv == base.rv) {
            return Judgement::Known;
        }
        let (Some(live), Some(owned)) = (live(kind, base), base.owned(manager, self.subresource)) else {
            return Judgement::Other(None);
        };
        let stored = stored(&live, owned);
        if applied.is_some_and(|applied| Some(applied.stored) == stored) {
            return Judgement::Same(stored);
        }
        match matcher::compare(kind, &self.body, &live, owned) {
            Verdict::Same => Judgement::Same(stored),
            Verdict::Differs(difference) | Verdict::Unknown(difference) => Judgement::Other(Some(difference)),
        }
    }

    fn stored(&self, run: &RunState, index: usize, record: &Record) -> Option<u128> {
        let live = live(&run.member.kinds[index], record)?;
        stored(&live, record.owned(&run.member.field_manager, self.subresource)?)
    }

    /// The wish as it is remembered once it is stored so.
    #[cfg(feature = "bench")]
    pub(crate) fn as_applied(&self, stored: u128, record: &Record) -> Applied {
        let mut applied = Applied::default();
        applied.is(self.print, stored, record.rv);
        applied
    }

    fn remember(&self, run: &RunState, index: usize, record: &Record, stored: u128) {
        if let Some(applied) = run.member.shared.world().applied_mut(run.member.id, run.id, index, record) {
            applied.is(self.print, stored, record.rv);
        }
    }

    /// Somebody who keeps changing what we apply, or a run that wants something else each time, would keep the operator and
    /// the API server busy for ever. It is said, and the run is followed by another one only after a growing wait, as after
    /// a failure.
    fn look_for_quarrels(&self, run: &RunState, index: usize, base: &Record, difference: Option<&Difference>) {
        let quarrel = {
            let mut world = run.member.shared.world();
            let applied = world.applied_mut(run.member.id, run.id, index, base);
            applied.and_then(|applied| applied.send(self.print, now()))
        };
        let Some((quarrel, tell)) = quarrel else { return };
        if matches!(quarrel, Quarrel::Whims(_)) && !self.subresource.is_empty() {
            // A status is there to change.
            return;
        }
        let odd = if matches!(quarrel, Quarrel::Repairs(_)) { Quarrels::Repairs } else { Quarrels::Whims };
        run.member.stats.counters().quarrels[odd as usize].add();
        run.sight().poison();
        if !tell {
            return;
        }
        let object = run.object_name(index, &base.key);
        let difference = difference.map(ToString::to_string);
        let difference = difference.as_deref().unwrap_or("which field cannot be told");
        match quarrel {
            Quarrel::Repairs(times) => tracing::warn!(
                %object, %difference, times,
                "somebody keeps changing what this operator applies; find the other manager in managedFields"
            ),
            Quarrel::Whims(times) => tracing::warn!(
                %object, %difference, times,
                "each run wants something else; a desired object must depend on nothing but what the run sees"
            ),
        }
    }
}

/// The object as JSON, if it is this version of it.
pub(super) fn live(kind: &KindInfo, record: &Record) -> Option<Value> {
    (kind.encode)(record.current()?)
}

/// A hash of what we own of an object: which fields, and what is in them. Nobody can change a field of ours without taking
/// it out of our entry, so that the entry counts even where a value cannot be seen.
fn stored(live: &Value, owned: &OwnedFields) -> Option<u128> {
    let mut hasher = ProjectionHasher::new();
    (owned.print(), matcher::owned_part(live, owned)?).hash(&mut hasher);
    Some(hasher.finish128())
}
