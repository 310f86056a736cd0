//! All caches and operators of one process: the one place where events become wake-ups.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Instant;

use super::account::{Effects, Shown};
use super::applied::Applied;
use super::cache::Event;
use super::fetching::Fetch;
use super::fingerprint::Sight;
use super::history::Run;
use super::key::{Key, Uid};
use super::operator::{Held, OperatorState};
use super::pace::Pace;
use super::primaries::Primaries;
use super::queue::{EntryId, Finish, Lane, Next, Queue};
use super::raw::RawMeta;
use super::record::Record;
use super::relate::Claim;
use super::relation::{Layout, Relation};
use super::rules::{Rule, holds};
use super::shards::Shards;
pub(crate) use super::ticket::{Outcome, Task, Ticket};
use crate::debounce::Debounce;
use crate::operator::Declaration;

/// The place of a cache among the caches of the process.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct CacheId(pub(crate) usize);

/// The place of an operator among the operators of the process.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct OperatorId(pub(crate) usize);

/// Which cache an operator reads at an index (0: the primary), and which of the fingerprints there is its own.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Source {
    pub(crate) cache: CacheId,
    pub(crate) projection: usize,
}

/// Where a change of a cache comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Origin {
    /// The watch.
    Event,
    /// The answer to an own request.
    Answer,
}

/// One watch's part of the world: its objects, and who reads them, at which index.
#[derive(Debug, Default)]
pub(super) struct CacheState {
    pub(super) cache: Shards,
    pub(super) readers: Vec<(OperatorId, usize)>,
    /// Whether anybody finds its objects by their owners.
    pub(super) by_owner: bool,
    /// Where the API server does not serve the kind: in one namespace, or in all of them.
    pub(super) unserved: HashSet<Option<Box<str>>>,
    /// What its watch has shown.
    pub(super) shown: Shown,
}

/// The synchronous core as a whole.
#[derive(Debug, Default)]
pub(crate) struct World {
    pub(super) caches: Vec<CacheState>,
    pub(super) operators: Vec<OperatorState>,
    /// What the API server is to be asked for.
    pub(super) wanted: Vec<Fetch>,
    /// And what it is being asked for, this included.
    pub(super) fetching: HashSet<Fetch>,
    /// The time from which runs are remembered.
    pub(super) epoch: Option<Instant>,
}

impl World {
    /// A cache for one watch, of all namespaces or of these.
    pub(crate) fn add_cache(&mut self, namespaces: &[String]) -> CacheId {
        self.caches.push(CacheState { cache: Shards::of(namespaces), ..CacheState::default() });
        CacheId(self.caches.len() - 1)
    }

    /// An operator that reads from `sources`: first of its primary, then of each secondary, which are related so. At most
    /// `limit` of its runs go on at once.
    pub(crate) fn add_operator(
        &mut self,
        declaration: &Declaration,
        sources: Vec<Source>,
        relations: Box<[Relation]>,
        pace: Pace,
        limit: usize,
        seed: u64,
    ) -> OperatorId {
        let id = OperatorId(self.operators.len());
        for (index, source) in sources.iter().enumerate() {
            let cache = &mut self.caches[source.cache.0];
            cache.readers.push((id, index));
            let by_owner = match index.checked_sub(1).map(|secondary| &relations[secondary]) {
                Some(Relation::Through { .. }) => true,
                Some(Relation::Owned(_)) => declaration.is_narrowed(),
                _ => false,
            };
            if by_owner {
                cache.by_owner = true;
                cache.cache.index_by_owner();
            }
        }
        let projections = sources.iter().map(|source| source.projection).collect();
        let caches = sources.iter().map(|source| source.cache.0).collect();
        let layout = Arc::new(Layout::new(projections, caches, relations));
        self.operators.push(OperatorState {
            name: declaration.name,
            finalizers: declaration.finalizers,
            secondaries: declaration.secondaries.iter().map(|s| (s.name, s.handler)).collect(),
            debounces: std::iter::once(None)
                .chain(declaration.secondaries.iter().map(|s| s.debounce.clone()))
                .map(|debounce| debounce.unwrap_or(Debounce::For(pace.debounce)))
                .collect(),
            optional: std::iter::once(false).chain(declaration.secondaries.iter().map(|s| s.optional)).collect(),
            effects: vec![Effects::default(); sources.len()].into(),
            sources,
            primaries: Primaries::new(layout, declaration.is_narrowed()),
            queue: Queue::new(pace, seed),
            started: false,
            held: Held::default(),
            running: 0,
            limit,
        });
        id
    }

    /// Whether somebody wants this object, so that it is worth decoding.
    pub(crate) fn wants(&self, cache: CacheId, meta: &RawMeta) -> bool {
        self.claims(cache, meta, false) == Claim::Full
    }

    /// Whether the object under `key`, as it is known at `index` of an operator, is related to the primary with this uid.
    pub(crate) fn is_related(&self, operator: OperatorId, index: usize, record: &Record, primary: Uid) -> bool {
        let primaries = &self.operators[operator.0].primaries;
        index.checked_sub(1).is_none_or(|secondary| primaries.is_related(secondary, record, primary))
    }

    /// Whether the watch at an index shows objects of this name at all.
    pub(crate) fn covers(&self, operator: OperatorId, index: usize, key: &Key) -> bool {
        self.caches[self.operators[operator.0].sources[index].cache.0].cache.covers(key)
    }

    /// What the cache holds under this key now.
    pub(crate) fn view(&self, cache: CacheId, key: &Key) -> Option<&Arc<Record>> {
        self.caches[cache.0].cache.view(key)
    }

    /// What an operator's cache holds at this index (0: the primary) under this key now.
    pub(crate) fn view_of(&self, operator: OperatorId, index: usize, key: &Key) -> Option<&Arc<Record>> {
        self.view(self.operators[operator.0].sources[index].cache, key)
    }

    /// All primaries of an operator, by namespace and name.
    pub(crate) fn all_primaries(&self, operator: OperatorId) -> Vec<Arc<Record>> {
        let primaries = &self.operators[operator.0].primaries;
        let mut records: Vec<_> =
            primaries.ids().filter_map(|id| Some(primaries.primary(id)?.record.clone())).collect();
        records.sort_by(|a, b| a.key.cmp(&b.key));
        records
    }

    /// What was applied last to this object, at `index` of the primary in this entry.
    pub(crate) fn applied(&self, operator: OperatorId, id: EntryId, index: usize, record: &Record) -> Option<Applied> {
        self.operators[operator.0].primaries.primary(id)?.applied(index, record)
    }

    /// The same, to be changed; `None` if the object is not related any more.
    pub(crate) fn applied_mut(
        &mut self,
        operator: OperatorId,
        id: EntryId,
        index: usize,
        record: &Record,
    ) -> Option<&mut Applied> {
        self.operators[operator.0].primaries.entry_mut(id)?.primary.as_mut()?.applied_mut(index, record)
    }

    /// Whether the first list of this watch is complete.
    pub(crate) fn is_complete(&self, cache: CacheId) -> bool {
        self.caches[cache.0].cache.is_complete()
    }

    /// The number of objects that the cache holds.
    #[cfg(test)]
    pub(crate) fn cached(&self, cache: CacheId) -> usize {
        self.caches[cache.0].cache.len()
    }

    /// Takes in what a watch reports, of all namespaces or of one.
    pub(crate) fn observe(&mut self, cache: CacheId, scope: Option<&str>, event: Event, now: Instant) {
        let mut changes = Vec::new();
        match event {
            Event::Applied(record) if self.claims(cache, &record, true) != Claim::Full => {
                return self.pass_by(cache, scope, &record, now);
            }
            event => {
                self.note(cache, &event, now);
                self.caches[cache.0].cache.observe(scope, event, &mut changes);
            }
        }
        self.observed(cache, changes, now);
    }

    /// Takes in that a watch reports an object which nobody has wanted, so that it is not decoded. Somebody may by now: then it
    /// is fetched.
    pub(crate) fn pass_by(&mut self, cache: CacheId, scope: Option<&str>, meta: &RawMeta, now: Instant) {
        let claim = self.claims(cache, meta, true);
        let stub = (claim != Claim::Nothing).then(|| self.stub(cache, meta));
        let event = Event::Unwanted { key: meta.key.clone(), uid: meta.uid, rv: meta.rv, stub };
        self.note(cache, &event, now);
        let mut changes = Vec::new();
        self.caches[cache.0].cache.observe(scope, event, &mut changes);
        self.observed(cache, changes, now);
        if claim == Claim::Full {
            self.fetch(cache, &meta.key);
        }
    }

    /// Counts an event, before the cache takes it in.
    fn note(&mut self, cache: CacheId, event: &Event, now: Instant) {
        let CacheState { cache, shown, .. } = &mut self.caches[cache.0];
        shown.last = Some(now);
        shown.echoes += u64::from(cache.is_echo(event));
        match event {
            Event::Applied(_) => shown.applied += 1,
            Event::Unwanted { .. } => shown.passed_by += 1,
            Event::Deleted { .. } => shown.deleted += 1,
            Event::Bookmark(_) => shown.bookmarks += 1,
            Event::ListBegin => {}
            Event::ListEnd(_) => shown.lists += 1,
        }
    }

    /// The answer of an own write through the cache at `index`. Readers see it at once.
    pub(crate) fn answered(&mut self, operator: OperatorId, index: usize, record: Arc<Record>, now: Instant) {
        let cache = self.operators[operator.0].sources[index].cache;
        let mut changes = Vec::new();
        self.caches[cache.0].cache.answered(record, &mut changes);
        self.spread(cache, changes, Origin::Answer, now);
    }

    /// Call before an own delete is sent; [`World::delete_end`] must follow.
    pub(crate) fn delete_begin(&mut self, operator: OperatorId, index: usize, key: &Key, uid: Uid) {
        let cache = self.operators[operator.0].sources[index].cache;
        self.caches[cache.0].cache.delete_begin(key, uid);
    }

    /// The end of an own delete; `deleted`: nothing is left of the object.
    pub(crate) fn delete_end(
        &mut self,
        operator: OperatorId,
        index: usize,
        key: &Key,
        uid: Uid,
        deleted: bool,
        now: Instant,
    ) {
        let cache = self.operators[operator.0].sources[index].cache;
        let mut changes = Vec::new();
        self.caches[cache.0].cache.delete_end(key, uid, deleted, &mut changes);
        self.spread(cache, changes, Origin::Answer, now);
    }

    /// The API server says that this incarnation is gone, and not since when: readers no longer see it, if they still do.
    pub(crate) fn vanished(&mut self, operator: OperatorId, index: usize, key: &Key, uid: Uid, now: Instant) {
        let cache = self.operators[operator.0].sources[index].cache;
        let mut changes = Vec::new();
        self.caches[cache.0].cache.vanished(key, uid, &mut changes);
        self.spread(cache, changes, Origin::Answer, now);
    }

    /// Somebody asks from outside for a run of this primary; whether there is one of this name.
    pub(crate) fn external(&mut self, operator: OperatorId, key: &Key, now: Instant) -> bool {
        let state = &mut self.operators[operator.0];
        let Some(id) = state.primaries.occupied(key) else { return false };
        // Before the start, every primary is about to run anyway.
        if state.started {
            state.queue.demand(id, Lane::Live, now, |flags| flags.external = true);
        }
        true
    }

    /// Whether the caches of every operator have been complete once.
    pub(crate) fn has_started(&self) -> bool {
        self.operators.iter().all(|state| state.started)
    }

    /// Begins anew: every primary is due as after a start, whatever earlier runs have seen, failed at or waited for.
    pub(crate) fn restart(&mut self, now: Instant) {
        for state in self.operators.iter_mut().filter(|state| state.started) {
            for id in state.primaries.ids().collect::<Vec<_>>() {
                state.queue.restart(id, now);
            }
        }
    }

    /// The next run of this operator, if one may begin now.
    pub(crate) fn pop(&mut self, operator: OperatorId, now: Instant) -> Option<Ticket> {
        while self.operators[operator.0].running < self.operators[operator.0].limit {
            let (id, flags) = self.operators[operator.0].queue.pop(now)?;
            let unresolved = self.unresolved(operator, id);
            let state = &mut self.operators[operator.0];
            if !unresolved.is_empty() && holds(Rule::StubsGate) {
                state.hold(id, flags, &unresolved);
                unresolved.iter().for_each(|fetch| self.fetch(fetch.cache, &fetch.key));
                continue;
            }
            match state.begin(operator, id, flags) {
                Some(ticket) => {
                    state.running += 1;
                    return Some(ticket);
                }
                None => state.queue.finish(id, Finish::Vain, Next::Rest, now),
            }
        }
        None
    }

    /// When [`World::pop`] has to be called again although nothing happened. `None`: never.
    pub(crate) fn deadline(&self, operator: OperatorId) -> Option<Instant> {
        let state = &self.operators[operator.0];
        (state.running < state.limit).then(|| state.queue.deadline()).flatten()
    }

    /// Remembers a run that has ended, where its primary still is. `provoker`: the object at an index whose write has made another run
    /// follow.
    pub(crate) fn remember(
        &mut self,
        operator: OperatorId,
        id: EntryId,
        uid: Uid,
        run: &Run,
        provoker: Option<(usize, Key)>,
    ) {
        let epoch = *self.epoch.get_or_insert(run.began);
        let entry = self.operators[operator.0].primaries.entry_mut(id);
        if let Some(primary) =
            entry.and_then(|entry| entry.primary.as_mut()).filter(|primary| primary.record.uid == uid)
        {
            primary.history.add(run, provoker, epoch);
        }
    }

    /// The number of runs of this operator that go on.
    #[cfg(test)]
    pub(crate) fn running(&self, operator: OperatorId) -> usize {
        self.operators[operator.0].running
    }

    /// The number of primaries that wait for their turn.
    #[cfg(test)]
    pub(crate) fn depth(&self, operator: OperatorId) -> usize {
        self.operators[operator.0].queue.depth()
    }

    /// The end of a run: what it saw, and how it went. Returns how many runs of this primary in a row, this one included, have
    /// made another one follow by what they wrote themselves.
    pub(crate) fn finish(
        &mut self,
        operator: OperatorId,
        id: EntryId,
        sight: &Sight,
        uid: Uid,
        outcome: Outcome,
        now: Instant,
    ) -> u32 {
        self.operators[operator.0].finish(id, sight, uid, outcome, now)
    }
}

#[cfg(test)]
#[path = "world_tests.rs"]
mod tests;
