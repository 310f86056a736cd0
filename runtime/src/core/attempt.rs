//! One write of one object, from what it is decided on to what its answer proves.

use std::sync::Arc;

use super::fingerprint::{PRIMARY, Sight};
use super::key::{Key, Uid};
use super::record::Record;
use super::rules::{Rule, holds};
use super::world::{OperatorId, World};

/// How often the write of a secondary is decided again after the API server refused it as outdated, before only the uid
/// is demanded.
const TRIES: usize = 3;
/// How often the write of a primary's finalizers is decided again.
const EDITS: usize = 4;

/// What the API server is told to refuse the write for.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Demand<'a> {
    /// That the object exists.
    Absent,
    /// That it is not of this incarnation.
    Uid(&'a Record),
    /// That it is not in this version.
    Version(&'a Record),
    /// That it has other finalizers than this version.
    Finalizers(&'a Record),
}

/// What the caches show after a refusal.
#[derive(Debug)]
pub(crate) enum Found {
    /// A newer version, or that the object is gone: decide again on it.
    Base(Option<Arc<Record>>),
    /// What was decided on is another thing by now: the primary is being deleted, or was made anew.
    Turned,
    /// An object that is not related to our primary.
    NotOurs(Arc<Record>),
}

/// One write, decided on what the run sees and, after each refusal, again on what the caches show.
#[derive(Clone, Debug)]
pub(crate) struct Attempt {
    index: usize,
    key: Key,
    base: Option<Arc<Record>>,
    refusals: usize,
}

impl Attempt {
    /// A write of the object under `key` at `index`, as the run sees it.
    pub(crate) fn new(sight: &Sight, index: usize, key: Key) -> Self {
        let base = sight.find(index, &key).cloned();
        Self { index, key, base, refusals: 0 }
    }

    pub(crate) fn index(&self) -> usize {
        self.index
    }

    pub(crate) fn key(&self) -> &Key {
        &self.key
    }

    /// The version to decide on; `None` if the object does not exist.
    pub(crate) fn base(&self) -> Option<&Arc<Record>> {
        self.base.as_ref()
    }

    /// Whether nothing has been refused yet.
    pub(crate) fn is_first(&self) -> bool {
        self.refusals == 0
    }

    /// The precondition of the request.
    pub(crate) fn demand(&self) -> Demand<'_> {
        match &self.base {
            None => Demand::Absent,
            Some(base) if self.index != PRIMARY && self.refusals == TRIES && holds(Rule::UidAfterRefusals) => {
                Demand::Uid(base)
            }
            // Where others edit faster than the watch tells, only those of them are waited for that edit the finalizers.
            Some(base) if self.index == PRIMARY && self.refusals > 0 => Demand::Finalizers(base),
            Some(base) => Demand::Version(base),
        }
    }

    /// Whether the write may be left out, because it would change nothing of the base. The run then goes on with the base,
    /// as if it were the answer.
    pub(crate) fn skip(&self, sight: &mut Sight) -> bool {
        if sight.is_unsure() && holds(Rule::UnsureSendsAll) {
            return false;
        }
        if self.refusals > 0 && holds(Rule::SkippedIsUnproven) {
            // Nothing proves that the newer version differs from what the run saw by nothing foreign.
            sight.answered(self.index, &self.key, self.base.clone(), false);
        }
        true
    }

    /// Whether the answer to this request holds nothing that the run has not seen: the accepted precondition names a version
    /// that tells what the run knows. To be asked when the answer is there, since the answers of other writes may have come
    /// between.
    pub(crate) fn is_proven(&self, sight: &Sight) -> bool {
        let seen = sight.find(self.index, &self.key);
        let same = sight.tells_the_same(self.index, seen, self.base.as_ref()) || !holds(Rule::ProofNeedsContributions);
        let rv = |record: Option<&Arc<Record>>| record.map(|record| record.rv);
        let exactly = holds(Rule::ContributionsSuffice) || rv(seen) == rv(self.base.as_ref());
        let loose = matches!(self.demand(), Demand::Uid(_) | Demand::Finalizers(_));
        (!loose || !holds(Rule::ProofNeedsVersion)) && same && exactly
    }

    /// After a refusal: looks for something newer than what was refused, since deciding again on that would be wrong.
    pub(crate) fn look(&self, world: &World, operator: OperatorId, primary: Uid) -> Option<Found> {
        let newer = |record: &Record, base: &Record| record.rv > base.rv || !holds(Rule::NewerThanRefused);
        match (world.view_of(operator, self.index, &self.key), &self.base) {
            (found, Some(base)) if self.index == PRIMARY => match found {
                Some(record) if record.uid != base.uid || record.deleting != base.deleting => Some(Found::Turned),
                Some(record) if newer(record, base) => Some(Found::Base(Some(record.clone()))),
                Some(_) => None,
                None => Some(Found::Turned),
            },
            (Some(record), base) if base.as_ref().is_none_or(|base| newer(record, base)) => {
                let ours = world.is_related(operator, self.index, record, primary);
                Some(if ours { Found::Base(Some(record.clone())) } else { Found::NotOurs(record.clone()) })
            }
            (None, Some(_)) => Some(Found::Base(None)),
            _ => None,
        }
    }

    /// Decides again on `base`; whether that is worth another try.
    pub(crate) fn again(&mut self, base: Option<Arc<Record>>) -> bool {
        self.base = base;
        self.refusals += 1;
        self.refusals <= if self.index == PRIMARY { EDITS } else { TRIES }
    }
}
