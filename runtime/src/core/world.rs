//! All caches and operators of one process: the one place where events become wake-ups.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::applied::Applied;
use super::cache::{Cache, Change, Event};
use super::fingerprint::{PRIMARY, Sight};
use super::key::{Key, Uid};
use super::operator::OperatorState;
use super::primaries::{Effect, Primaries};
use super::queue::{EntryId, Finish, Lane, Next, Pace, Queue};
use super::raw::RawMeta;
use super::record::Record;
use super::relation::Owned;
use super::rules::{Rule, holds};
use crate::operator::Declaration;
use crate::trigger::Triggers;

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

/// What a run is to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Task {
    Reconcile,
    /// The handlers of these secondaries, in the order of declaration.
    Handle(Vec<usize>),
    Cleanup,
}

/// A run that has begun. [`World::finish`] must follow.
#[derive(Debug)]
pub(crate) struct Ticket {
    pub(crate) operator: OperatorId,
    pub(crate) id: EntryId,
    pub(crate) uid: Uid,
    pub(crate) task: Task,
    pub(crate) triggers: Triggers,
    pub(crate) sight: Sight,
}

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// `requeue`: what the full reconcile, or the cleanup, asked for. Zero for "again".
    Done { requeue: Option<Duration> },
    /// Only split handlers ran.
    Handled { requeue: Option<Duration> },
    /// Again after a while.
    Failed,
    /// Again after a short while: the API server could not be reached, or was not ready. `after`: at the earliest, because it
    /// has asked for patience.
    Unreachable { after: Duration },
    /// Not again before something changes.
    Terminal,
}

/// One watch's part of the world: its objects, and who reads them, at which index.
#[derive(Debug, Default)]
struct CacheState {
    cache: Cache,
    readers: Vec<(OperatorId, usize)>,
}

/// The synchronous core as a whole.
#[derive(Debug, Default)]
pub(crate) struct World {
    caches: Vec<CacheState>,
    operators: Vec<OperatorState>,
}

impl World {
    /// A cache for one watch.
    pub(crate) fn add_cache(&mut self) -> CacheId {
        self.caches.push(CacheState::default());
        CacheId(self.caches.len() - 1)
    }

    /// An operator that reads from `sources`: first of its primary, then of each secondary. At most `limit` of its
    /// runs go on at once.
    pub(crate) fn add_operator(
        &mut self,
        declaration: &Declaration,
        sources: Vec<Source>,
        pace: Pace,
        limit: usize,
        seed: u64,
    ) -> OperatorId {
        let id = OperatorId(self.operators.len());
        for (index, source) in sources.iter().enumerate() {
            self.caches[source.cache.0].readers.push((id, index));
        }
        let projections = sources.iter().map(|source| source.projection).collect();
        self.operators.push(OperatorState {
            name: declaration.name,
            finalizers: declaration.finalizers,
            secondaries: declaration.secondaries.iter().map(|s| (s.name, s.handler)).collect(),
            debounces: std::iter::once(None)
                .chain(declaration.secondaries.iter().map(|s| s.debounce))
                .map(|debounce| debounce.unwrap_or(pace.debounce))
                .collect(),
            sources,
            primaries: Primaries::new(Owned::by(&declaration.primary), projections),
            queue: Queue::new(pace, seed),
            started: false,
            running: 0,
            limit,
        });
        id
    }

    /// Whether somebody wants this object, so that it is worth decoding.
    pub(crate) fn wants(&self, cache: CacheId, meta: &RawMeta) -> bool {
        self.claims(cache, meta)
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
        let primary = |id| primaries.entry(id)?.primary.as_ref();
        let mut records: Vec<_> = primaries.ids().filter_map(|id| Some(primary(id)?.record.clone())).collect();
        records.sort_by(|a, b| a.key.cmp(&b.key));
        records
    }

    /// What was applied last to this object, at `index` of the primary in this entry.
    pub(crate) fn applied(&self, operator: OperatorId, id: EntryId, index: usize, record: &Record) -> Option<Applied> {
        self.operators[operator.0].primaries.entry(id)?.primary.as_ref()?.applied(index, record)
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

    /// Takes in what a watch reports.
    pub(crate) fn observe(&mut self, cache: CacheId, event: Event, now: Instant) {
        let event = match event {
            Event::Applied(record) if !self.claims(cache, &record) => {
                Event::Unwanted { key: record.key.clone(), uid: record.uid, rv: record.rv }
            }
            event => event,
        };
        let mut changes = Vec::new();
        self.caches[cache.0].cache.observe(event, &mut changes);
        self.spread(cache, changes, now);
        self.expire(cache);
        self.start(cache, now);
    }

    /// The answer of an own write through the cache at `index`. Readers see it at once.
    pub(crate) fn answered(&mut self, operator: OperatorId, index: usize, record: Arc<Record>, now: Instant) {
        let cache = self.operators[operator.0].sources[index].cache;
        let mut changes = Vec::new();
        self.caches[cache.0].cache.answered(record, &mut changes);
        self.spread(cache, changes, now);
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
        self.spread(cache, changes, now);
    }

    /// The API server says that this incarnation is gone, and not since when: readers no longer see it, if they still do.
    pub(crate) fn vanished(&mut self, operator: OperatorId, index: usize, key: &Key, uid: Uid, now: Instant) {
        let cache = self.operators[operator.0].sources[index].cache;
        let mut changes = Vec::new();
        self.caches[cache.0].cache.vanished(key, uid, &mut changes);
        self.spread(cache, changes, now);
    }

    /// Somebody asks from outside for a run of this primary; unknown ones are ignored.
    #[cfg(test)]
    pub(crate) fn external(&mut self, operator: OperatorId, key: &Key, now: Instant) {
        let state = &mut self.operators[operator.0];
        if let Some(id) = state.primaries.find(key) {
            state.queue.demand(id, Lane::Live, now, |flags| flags.external = true);
        }
    }

    /// The next run of this operator, if one may begin now.
    pub(crate) fn pop(&mut self, operator: OperatorId, now: Instant) -> Option<Ticket> {
        let state = &mut self.operators[operator.0];
        while state.running < state.limit {
            let (id, flags) = state.queue.pop(now)?;
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

    fn claims(&self, cache: CacheId, meta: &RawMeta) -> bool {
        self.caches[cache.0].readers.iter().any(|&(operator, index)| {
            if index == PRIMARY || !holds(Rule::OnlyClaimed) {
                return true;
            }
            let state = &self.operators[operator.0];
            let passed = self.caches[state.sources[PRIMARY].cache.0].cache.horizon();
            state.primaries.claims(meta, passed)
        })
    }

    /// Tells every reader of a cache what has changed in it.
    fn spread(&mut self, cache: CacheId, changes: Vec<Change>, now: Instant) {
        let mut effects = Vec::new();
        for change in changes {
            // Only when every reader knows of the change is it clear who still needs an object.
            let mut released = Vec::new();
            for i in 0..self.caches[cache.0].readers.len() {
                let (operator, index) = self.caches[cache.0].readers[i];
                let state = &mut self.operators[operator.0];
                if index == PRIMARY {
                    state.primaries.primary_changed(&change, &mut effects);
                } else {
                    state.primaries.secondary_changed(index - 1, &change, &mut effects);
                }
                for effect in effects.drain(..) {
                    match effect {
                        Effect::Released { secondary, key } => {
                            released.push((state.sources[secondary + 1].cache, key));
                        }
                        effect => state.carry_out(effect, now),
                    }
                }
                if !holds(Rule::ReleasedAfterAll) {
                    released.drain(..).for_each(|(cache, key)| self.release(cache, &key));
                }
            }
            for (cache, key) in released {
                self.release(cache, &key);
            }
        }
    }

    /// Lets go of an object that nobody is related to any more.
    fn release(&mut self, cache: CacheId, key: &Key) {
        let CacheState { cache: objects, readers } = &self.caches[cache.0];
        let Some(record) = objects.view(key) else { return };
        let held = readers.iter().any(|&(operator, index)| {
            index == PRIMARY || self.operators[operator.0].primaries.holds(index - 1, record)
        });
        if (!held || !holds(Rule::ReleasedUnlessHeld)) && holds(Rule::Released) {
            self.caches[cache.0].cache.release(key);
        }
    }

    /// Where this cache holds primaries: lets go of secondaries that have waited for one that does not exist.
    fn expire(&mut self, cache: CacheId) {
        let CacheState { cache: objects, readers } = &self.caches[cache.0];
        let Some(passed) = objects.horizon() else { return };
        let operators: Vec<_> = readers.iter().filter(|(_, index)| *index == PRIMARY).map(|(id, _)| *id).collect();
        let mut effects = Vec::new();
        for operator in operators {
            self.operators[operator.0].primaries.passed(passed, &mut effects);
            for effect in effects.drain(..) {
                if let Effect::Released { secondary, key } = effect {
                    let cache = self.operators[operator.0].sources[secondary + 1].cache;
                    self.release(cache, &key);
                }
            }
        }
    }

    /// Queues every primary of an operator once, when the last of its caches has become complete.
    fn start(&mut self, cache: CacheId, now: Instant) {
        for i in 0..self.caches[cache.0].readers.len() {
            let (operator, _) = self.caches[cache.0].readers[i];
            let state = &self.operators[operator.0];
            if state.started || !state.sources.iter().all(|source| self.is_complete(source.cache)) {
                continue;
            }
            let state = &mut self.operators[operator.0];
            state.started = true;
            tracing::info!(operator = state.name, primaries = state.primaries.ids().count(), "all caches are complete");
            for id in state.primaries.ids().collect::<Vec<_>>() {
                state.queue.demand(id, Lane::Background, now, |flags| flags.startup = true);
            }
        }
    }
}

#[cfg(test)]
#[path = "world_tests.rs"]
mod tests;
