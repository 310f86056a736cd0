//! What has changed since a run last saw it.
//!
//! Index 0 stands for the primary itself, 1 and up for its secondaries in the order of declaration.

use std::sync::Arc;

use super::key::Key;
use super::record::Record;
use super::relation::{Layout, Relation};
use super::rules::{Rule, holds};
use crate::snapshot::View;

/// The index of the primary in all tables of fingerprints.
pub(crate) const PRIMARY: usize = 0;

/// What is taken out of an object of the primary's kind that the operator's `filter` refuses: to the operator it does not exist.
pub(crate) const REFUSED: u128 = 0x6e6f_2070_7269_6d61_7279_206f_6620_6f75;
/// What a kind contributes that the API server does not serve: that it does again is a change.
pub(crate) const UNSERVED: u128 = 0x6e6f_7420_7365_7276_6564_2062_7920_6974;

/// One fingerprint for the primary and for each secondary: the wrapping sum over the objects that are related. A sum, so
/// that one event costs the same however many there are. Each term is a hash of the object's uid and projection; creation,
/// deletion, change and change of relation all move it.
pub(crate) type Sums = Box<[u128]>;

/// `current`, what the caches hold now, beside `seen`, what the last successful run saw.
#[derive(Debug)]
pub(crate) struct Fingerprints {
    current: Sums,
    /// `None` equals nothing: never seen, or poisoned by a write whose answer proves nothing.
    seen: Box<[Option<u128>]>,
    /// What the last run saw, if it has to be repeated: anything else is news.
    tried: Option<Sums>,
    /// What came of some write is unknown: until a run that knows this has succeeded, the caches may show less than there
    /// is, so that no write may be left out because it seems to change nothing.
    unsure: bool,
    /// How many successful runs in a row were poisoned.
    poisonings: u32,
}

impl Fingerprints {
    pub(crate) fn new(secondaries: usize) -> Self {
        let (current, seen) = (vec![0; secondaries + 1].into(), vec![None; secondaries + 1].into());
        Self { current, seen, tried: None, unsure: false, poisonings: 0 }
    }

    /// An object left the sum, came into it, or changed in it. Absent objects contribute 0.
    pub(crate) fn shift(&mut self, index: usize, old: u128, new: u128) {
        self.current[index] = self.current[index].wrapping_sub(old).wrapping_add(new);
    }

    /// Whether anything changed since the last successful run.
    pub(crate) fn differs(&self) -> bool {
        self.differing().next().is_some()
    }

    /// What changed since the last successful run.
    pub(crate) fn differing(&self) -> impl Iterator<Item = usize> {
        (0..self.current.len()).filter(|&i| self.seen[i] != Some(self.current[i]))
    }

    /// What has changed since the last run, if nothing counts as seen after it: no run has succeeded yet, or this one has swallowed
    /// an error. Then everything differs, and people are told this instead.
    pub(crate) fn news_of_retry(&self) -> Option<Vec<usize>> {
        let tried = self.tried.as_ref().filter(|_| self.seen.iter().all(Option::is_none))?;
        Some((0..self.current.len()).filter(|&i| tried[i] != self.current[i]).collect())
    }

    /// Whether no run has ended yet that saw this primary.
    pub(crate) fn is_fresh(&self) -> bool {
        self.seen[PRIMARY].is_none() && self.tried.is_none()
    }

    /// Whether the last run has to be repeated, whatever changes.
    pub(crate) fn is_unsettled(&self) -> bool {
        self.tried.is_some()
    }

    /// Whether anything changed since the last run, which has to be repeated.
    pub(crate) fn is_news(&self) -> bool {
        self.tried.as_ref().is_none_or(|tried| *tried != self.current)
    }

    /// A run has succeeded: it need not be repeated for what it saw, except where it is poisoned.
    pub(crate) fn succeeded(&mut self, sight: &Sight) {
        let certain = sight.unsure && !sight.lost || !holds(Rule::UnsureUntilKnown);
        self.gave_up(sight);
        self.unsure &= !certain;
    }

    /// A run has ended with an error that trying again does not cure: as after a success, nothing that it saw makes
    /// another one follow. But what it left undone stays undone.
    pub(crate) fn gave_up(&mut self, sight: &Sight) {
        self.seen = sight.seen();
        self.tried = sight.is_poisoned().then(|| sight.sums());
        self.unsure |= sight.lost;
        self.poisonings = if sight.is_poisoned() { self.poisonings + 1 } else { 0 };
    }

    /// How many runs in a row have made another one follow, by what they wrote themselves.
    pub(crate) fn poisonings(&self) -> u32 {
        self.poisonings
    }

    /// A run has failed: `seen` stays, and so the causes of the run do.
    pub(crate) fn failed(&mut self, sight: &Sight) {
        if !holds(Rule::FailureMovesNothing) {
            self.gave_up(sight);
        }
        self.tried = Some(sight.sums());
        self.unsure |= sight.lost;
        self.poisonings = 0;
    }

    /// What the last successful run saw; `None` equals nothing.
    pub(crate) fn seen(&self) -> &[Option<u128>] {
        &self.seen
    }

    /// Whether what came of some write is unknown.
    pub(crate) fn is_unsure(&self) -> bool {
        self.unsure
    }

    /// What the caches hold now.
    pub(crate) fn current(&self) -> &[u128] {
        &self.current
    }
}

/// What one run sees: the state that it started from, and the answers of its own writes. Never anything foreign, so that
/// what it decides and what is taken as seen are the same.
#[derive(Debug)]
pub(crate) struct Sight {
    view: View,
    layout: Arc<Layout>,
    poisoned: Box<[bool]>,
    /// The run began without knowing what came of some earlier write.
    unsure: bool,
    /// What came of a write of this run is unknown.
    lost: bool,
    /// The first answer that has poisoned it.
    suspect: Option<Suspect>,
}

/// An answer that may hold something foreign, beside what the run saw before.
#[derive(Clone, Debug)]
pub(crate) struct Suspect {
    pub(crate) index: usize,
    pub(crate) before: Option<Arc<Record>>,
    pub(crate) after: Option<Arc<Record>>,
}

impl Sight {
    pub(crate) fn new(view: View, layout: Arc<Layout>, unsure: bool) -> Self {
        let poisoned = vec![false; layout.projections.len()].into();
        Self { view, layout, poisoned, unsure, lost: false, suspect: None }
    }

    /// What the run sees now.
    pub(crate) fn view(&self) -> &View {
        &self.view
    }

    /// The sums over what the run sees now.
    pub(crate) fn sums(&self) -> Sums {
        let projections = &self.layout.projections;
        let secondaries = self.view.secondaries.iter().enumerate().map(|(i, records)| {
            let unserved = if self.view.served[i] { 0 } else { UNSERVED };
            let none = unserved.wrapping_add(self.layout.relations[i].base(&self.view.primary));
            records.iter().fold(none, |sum, record| sum.wrapping_add(record.fingerprints[projections[i + 1]]))
        });
        std::iter::once(self.view.primary.fingerprints[projections[PRIMARY]]).chain(secondaries).collect()
    }

    /// What counts as seen after a success.
    pub(crate) fn seen(&self) -> Box<[Option<u128>]> {
        self.sums().iter().zip(&self.poisoned).map(|(sum, poisoned)| (!poisoned).then_some(*sum)).collect()
    }

    /// Whether another run must follow, because this one cannot vouch for all that it saw.
    pub(crate) fn is_poisoned(&self) -> bool {
        self.poisoned.contains(&true)
    }

    /// Whether a version of an object is related to the primary as the run sees that.
    pub(crate) fn relates(&self, index: usize, record: &Record) -> bool {
        match index.checked_sub(1) {
            None => record.key == self.view.primary.key,
            Some(secondary) => self.layout.relations[secondary].relates(&self.view, record),
        }
    }

    /// Whether the primary, as the run sees it, refers to an object of this name.
    pub(crate) fn refers(&self, index: usize, key: &Key) -> bool {
        match index.checked_sub(1).map(|secondary| &self.layout.relations[secondary]) {
            Some(Relation::Referenced { names }) => {
                self.view.primary.names.get(*names).is_some_and(|names| names.contains(key))
            }
            _ => false,
        }
    }

    /// Whether an object of this name, that is yet to be written, will name the primary, by what `names` finds in it for a
    /// naming; `None` if it is not by names in the object that it is related.
    pub(crate) fn will_relate(&self, index: usize, names: impl FnOnce(usize) -> Box<[Key]>) -> Option<bool> {
        match self.layout.relations.get(index.checked_sub(1)?) {
            Some(Relation::Named { names: place, typed: true }) => Some(names(*place).contains(&self.view.primary.key)),
            _ => None,
        }
    }

    /// What one version of an object contributes at `index`; nothing if it is absent, or not related.
    pub(crate) fn contribution(&self, index: usize, record: Option<&Arc<Record>>) -> u128 {
        let related = |record: &&Arc<Record>| !holds(Rule::OnlyOursInView) || self.relates(index, record);
        record.filter(related).map_or(0, |record| record.fingerprints[self.layout.projections[index]])
    }

    /// Whether two versions of an object tell this run the same, wherever it looks at it.
    pub(crate) fn tells_the_same(&self, index: usize, a: Option<&Arc<Record>>, b: Option<&Arc<Record>>) -> bool {
        let mut indices = std::iter::once(index).chain(self.layout.twins(index));
        indices.all(|index| self.contribution(index, a) == self.contribution(index, b))
            && (index != PRIMARY || self.refer_to_the_same(a, b))
    }

    /// Whether two versions of the primary refer to the same objects, of whichever secondary.
    fn refer_to_the_same(&self, a: Option<&Arc<Record>>, b: Option<&Arc<Record>>) -> bool {
        let mut relations = self.layout.relations.iter();
        relations.all(|relation| match relation {
            Relation::Referenced { names } => {
                let of = |record: Option<&Arc<Record>>| record.and_then(|r| r.names.get(*names)).cloned();
                of(a) == of(b)
            }
            _ => true,
        })
    }

    /// The object under this key as the run sees it.
    pub(crate) fn find(&self, index: usize, key: &Key) -> Option<&Arc<Record>> {
        if index == PRIMARY {
            return Some(&self.view.primary).filter(|primary| primary.key == *key);
        }
        let records = &self.view.secondaries[index - 1];
        records.binary_search_by(|record| record.key.cmp(key)).ok().map(|i| &records[i])
    }

    /// The answer of an own write at `index`; `None` if it left nothing of the object. An object that is no longer the
    /// primary's is none to this run.
    ///
    /// `proven`: the answer holds nothing that this run has not seen, except for what it wrote itself. Without proof,
    /// what differs may be foreign: the run goes on with it, but another one must look at everything again.
    pub(crate) fn answered(&mut self, index: usize, key: &Key, answer: Option<Arc<Record>>, proven: bool) {
        let before = self.view.primary.clone();
        let twins: Vec<usize> = self.layout.twins(index).collect();
        for index in std::iter::once(index).chain(twins) {
            self.answered_at(index, key, answer.clone(), proven);
        }
        let after = &self.view.primary;
        let moved = |relation: &Relation| relation.base(&before) != relation.base(after);
        let moved: Vec<usize> =
            (0..self.layout.relations.len()).filter(|&i| moved(&self.layout.relations[i])).collect();
        for secondary in self.tidy().into_iter().chain(moved) {
            // The run has worked with what others have taken from the primary meanwhile.
            self.poisoned[secondary + 1] |= !proven && holds(Rule::UnprovenPoisons) && holds(Rule::TidyingPoisons);
        }
    }

    fn answered_at(&mut self, index: usize, key: &Key, answer: Option<Arc<Record>>, proven: bool) {
        if index == PRIMARY && *key != self.view.primary.key {
            return;
        }
        let held = self.find(index, key);
        // Of two writes at once the older answer comes last. The newer one may hold what others have made of this one since.
        let older = is_older(answer.as_ref(), held) && holds(Rule::OlderAnswerAside);
        let ours = |answer: &Arc<Record>| !holds(Rule::OnlyOursInView) || self.relates(index, answer);
        let answer = answer.filter(ours);
        let differs = self.contribution(index, held) != self.contribution(index, answer.as_ref());
        let proven = proven && !(older && holds(Rule::OlderAnswerUnproven));
        let proven = proven && holds(Rule::ProvenIsSeen) || !differs && holds(Rule::OnlyDifferencePoisons);
        if !proven && holds(Rule::UnprovenPoisons) {
            let suspect = Suspect { index, before: held.cloned(), after: answer.clone() };
            self.suspect.get_or_insert(suspect);
            self.poisoned[index] = true;
        }
        if older || !holds(Rule::AnswerIntoView) {
            return;
        }
        if index == PRIMARY {
            self.view.primary = answer.unwrap_or_else(|| self.view.primary.clone());
            return;
        }
        put(&mut self.view.secondaries[index - 1], key, answer);
    }

    /// Lets go of what is no longer related as the run sees it now: what it was related through is gone, or the primary does
    /// not refer to it any more. Returns of which secondaries it does.
    fn tidy(&mut self) -> Vec<usize> {
        let mut tidied = Vec::new();
        if !holds(Rule::ViewIsTidy) {
            return tidied;
        }
        let layout = self.layout.clone();
        for &secondary in &layout.order {
            let relation = &layout.relations[secondary];
            if !matches!(relation, Relation::Through { .. } | Relation::Referenced { .. }) {
                continue;
            }
            let lost = |record: &Arc<Record>| !relation.relates(&self.view, record);
            if self.view.secondaries[secondary].iter().any(lost) {
                let kept = self.view.secondaries[secondary].iter().filter(|record| !lost(record)).cloned();
                self.view.secondaries[secondary] = Arc::new(kept.collect());
                tidied.push(secondary);
            }
        }
        tidied
    }

    /// The first answer that has poisoned it, if an answer has.
    pub(crate) fn suspect(&self) -> Option<&Suspect> {
        self.suspect.as_ref()
    }

    /// An error was answered that may hide a foreign change: whatever the run does next, another one must look at
    /// everything again.
    pub(crate) fn poison(&mut self) {
        self.poisoned.fill(true);
    }

    /// What came of a write is unknown: the same, and no write may be left out any more because it seems to change nothing.
    pub(crate) fn lose(&mut self) {
        if holds(Rule::LossPoisons) {
            self.poison();
        }
        self.lost = true;
    }

    /// Whether the caches may not show yet what came of an earlier write.
    pub(crate) fn is_unsure(&self) -> bool {
        self.unsure || self.lost
    }
}

/// Whether this is an older version of the same object.
fn is_older(answer: Option<&Arc<Record>>, held: Option<&Arc<Record>>) -> bool {
    let Some((answer, held)) = answer.zip(held).filter(|(answer, held)| answer.uid == held.uid) else { return false };
    answer.comparable().zip(held.comparable()).is_some_and(|(answer, held)| answer < held)
}

/// Puts a record in its place among `records`, or takes the one under this key out; returns the one that was there.
pub(crate) fn put(
    records: &mut crate::snapshot::Records,
    key: &Key,
    record: Option<Arc<Record>>,
) -> Option<Arc<Record>> {
    let place = records.binary_search_by(|record| record.key.cmp(key));
    match (place, record) {
        (Ok(i), Some(record)) => Some(std::mem::replace(&mut Arc::make_mut(records)[i], record)),
        (Ok(i), None) => Some(Arc::make_mut(records).remove(i)),
        (Err(i), Some(record)) => {
            Arc::make_mut(records).insert(i, record);
            None
        }
        (Err(_), None) => None,
    }
}
