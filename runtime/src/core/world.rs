//! All caches and operators of one process: the one place where events become wake-ups.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::applied::Applied;
use super::cache::{Change, Event};
use super::fingerprint::{PRIMARY, Sight};
use super::key::{Key, Rv, Uid};
use super::operator::OperatorState;
use super::primaries::{Effect, Primaries};
use super::queue::{EntryId, Finish, Lane, Next, Pace, Queue};
use super::raw::RawMeta;
use super::record::Record;
use super::relate::Claim;
use super::relation::{Anchor, Layout, Relation};
use super::rules::{Rule, holds};
use super::shards::Shards;
use super::stubs::Stub;
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
    cache: Shards,
    readers: Vec<(OperatorId, usize)>,
    /// Whether anybody finds its objects by their owners.
    by_owner: bool,
    /// The API server does not serve the kind.
    unserved: bool,
}

/// An object of which there is only a stub, and that somebody is related to.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Fetch {
    pub(crate) cache: CacheId,
    pub(crate) key: Key,
}

/// The synchronous core as a whole.
#[derive(Debug, Default)]
pub(crate) struct World {
    caches: Vec<CacheState>,
    operators: Vec<OperatorState>,
    /// What the API server is to be asked for.
    wanted: Vec<Fetch>,
    /// And what it is being asked for.
    fetching: HashSet<Fetch>,
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
                Some(Relation::Owned(_)) => !declaration.selector.selects_all(),
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
                .chain(declaration.secondaries.iter().map(|s| s.debounce))
                .map(|debounce| debounce.unwrap_or(pace.debounce))
                .collect(),
            optional: std::iter::once(false).chain(declaration.secondaries.iter().map(|s| s.optional)).collect(),
            sources,
            primaries: Primaries::new(layout, !declaration.selector.selects_all()),
            queue: Queue::new(pace, seed),
            started: false,
            held: Vec::new(),
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
            event => self.caches[cache.0].cache.observe(scope, event, &mut changes),
        }
        self.observed(cache, changes, now);
    }

    /// Takes in that a watch reports an object which nobody has wanted, so that it is not decoded. Somebody may by now: then it
    /// is fetched.
    pub(crate) fn pass_by(&mut self, cache: CacheId, scope: Option<&str>, meta: &RawMeta, now: Instant) {
        let claim = self.claims(cache, meta, true);
        let stub = (claim != Claim::Nothing).then(|| Stub::of(meta, self.caches[cache.0].by_owner));
        let event = Event::Unwanted { key: meta.key.clone(), uid: meta.uid, rv: meta.rv, stub };
        let mut changes = Vec::new();
        self.caches[cache.0].cache.observe(scope, event, &mut changes);
        self.observed(cache, changes, now);
        if claim == Claim::Full {
            self.fetch(cache, &meta.key);
        }
    }

    /// The API server does not serve the kind of this cache, which may be missing.
    pub(crate) fn unserved(&mut self, cache: CacheId, now: Instant) {
        let mut changes = Vec::new();
        self.caches[cache.0].cache.unserved(&mut changes);
        self.observed(cache, changes, now);
        self.serve(cache, false, now);
    }

    /// The API server serves the kind of this cache, or does so again.
    pub(crate) fn served(&mut self, cache: CacheId, now: Instant) {
        self.serve(cache, true, now);
    }

    fn serve(&mut self, cache: CacheId, served: bool, now: Instant) {
        self.caches[cache.0].unserved = !served;
        let mut effects = Vec::new();
        for i in 0..self.caches[cache.0].readers.len() {
            let (operator, index) = self.caches[cache.0].readers[i];
            let Some(secondary) = index.checked_sub(1) else { continue };
            let state = &mut self.operators[operator.0];
            state.primaries.serve(secondary, served, &mut effects);
            effects.drain(..).for_each(|effect| state.carry_out(effect, now));
        }
        self.start(cache, now);
    }

    fn observed(&mut self, cache: CacheId, changes: Vec<Change>, now: Instant) {
        self.spread(cache, changes, now);
        self.expire(cache, now);
        self.start(cache, now);
        self.let_go(cache, now);
    }

    /// Whether anything is to be fetched.
    pub(crate) fn is_wanting(&self) -> bool {
        !self.wanted.is_empty()
    }

    /// What is to be fetched: [`World::fetched`] must follow for each.
    pub(crate) fn take_wanted(&mut self) -> Vec<Fetch> {
        let wanted = std::mem::take(&mut self.wanted);
        self.fetching.extend(wanted.iter().cloned());
        wanted
    }

    /// Call before the API server is asked: the version that is known of the object, if it is still to be fetched.
    pub(crate) fn ask(&self, fetch: &Fetch) -> Option<Rv> {
        self.caches[fetch.cache.0].cache.unresolved(&fetch.key)
    }

    /// The object as the API server had it after it was `asked` for; `None` if it had none. Returns whether that is an answer;
    /// if not, it is to be asked for again.
    pub(crate) fn fetched(&mut self, fetch: &Fetch, asked: Rv, found: Option<Record>, now: Instant) -> bool {
        let Fetch { cache, key } = fetch;
        // In the meantime, nobody may want it any more.
        let unwanted = found.as_ref().is_some_and(|record| self.claims(*cache, record, true) != Claim::Full);
        let mut changes = Vec::new();
        let done = unwanted || self.caches[cache.0].cache.fetched(key, asked, found, &mut changes);
        self.spread(*cache, changes, now);
        if done {
            self.unwanted(fetch, now);
        }
        done
    }

    /// Gives up a question that is no longer one.
    pub(crate) fn unwanted(&mut self, fetch: &Fetch, now: Instant) {
        self.fetching.remove(fetch);
        self.look_again(fetch.cache, now);
    }

    fn fetch(&mut self, cache: CacheId, key: &Key) {
        let fetch = Fetch { cache, key: key.clone() };
        let unresolved = self.caches[cache.0].cache.unresolved(key).is_some() && holds(Rule::StubsFetched);
        if unresolved && !self.fetching.contains(&fetch) && !self.wanted.contains(&fetch) {
            self.wanted.push(fetch);
        }
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

    /// The next run of this operator, if one may begin now.
    pub(crate) fn pop(&mut self, operator: OperatorId, now: Instant) -> Option<Ticket> {
        while self.operators[operator.0].running < self.operators[operator.0].limit {
            let (id, flags) = self.operators[operator.0].queue.pop(now)?;
            let unresolved = self.unresolved(operator, id);
            let state = &mut self.operators[operator.0];
            if !unresolved.is_empty() && holds(Rule::StubsGate) {
                state.hold(id, flags);
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

    /// What is related to a primary, and known by a stub alone.
    fn unresolved(&self, operator: OperatorId, id: EntryId) -> Vec<Fetch> {
        let state = &self.operators[operator.0];
        let Some(primary) = state.primaries.primary(id) else { return Vec::new() };
        let mut unresolved = Vec::new();
        for (secondary, relation) in state.primaries.layout().relations.iter().enumerate() {
            let id = state.sources[secondary + 1].cache;
            let cache = &self.caches[id.0].cache;
            if cache.has_no_stubs() {
                continue;
            }
            let owned = |owner: &Arc<Record>| {
                let anchor = Anchor::Owner(owner.uid);
                let mut keys = cache.stubs_of_owner(owner.uid);
                keys.retain(|key| state.primaries.is_reached(secondary, &anchor, key));
                keys
            };
            let keys: Vec<Key> = match relation {
                Relation::Owned(_) => owned(&primary.record),
                Relation::Through { parent, .. } => primary.secondaries[*parent].iter().flat_map(owned).collect(),
                Relation::Referenced { names } => {
                    primary.record.names.get(*names).map_or(Vec::new(), |names| names.to_vec())
                }
                Relation::Named { .. } => Vec::new(),
            };
            let unknown = keys.into_iter().filter(|key| cache.unresolved(key).is_some());
            unresolved.extend(unknown.map(|key| Fetch { cache: id, key }));
        }
        unresolved
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

    /// What is to be kept of an object. `decoded`: the names that stand in the object are known.
    fn claims(&self, cache: CacheId, meta: &RawMeta, decoded: bool) -> Claim {
        let claim = |&(operator, index): &(OperatorId, usize)| {
            let Some(secondary) = index.checked_sub(1).filter(|_| holds(Rule::OnlyClaimed)) else { return Claim::Full };
            let state = &self.operators[operator.0];
            let owners = state.primaries.layout().relations[secondary].parent().map_or(PRIMARY, |parent| parent + 1);
            let passed = self.caches[state.sources[owners].cache.0].cache.horizon();
            state.primaries.claims(secondary, meta, decoded, passed)
        };
        let CacheState { cache, readers, .. } = &self.caches[cache.0];
        let covered = cache.covers(&meta.key);
        readers.iter().filter(|_| covered).map(claim).max().unwrap_or(Claim::Nothing)
    }

    /// Tells every reader of a cache what has changed in it.
    fn spread(&mut self, cache: CacheId, changes: Vec<Change>, now: Instant) {
        let mut effects = Vec::new();
        for change in changes {
            let mut told = Vec::new();
            for i in 0..self.caches[cache.0].readers.len() {
                let (operator, index) = self.caches[cache.0].readers[i];
                let state = &mut self.operators[operator.0];
                match index.checked_sub(1) {
                    None => state.primaries.primary_changed(&change, &mut effects),
                    Some(secondary) => state.primaries.secondary_changed(secondary, &change, &mut effects),
                }
                told.extend(effects.drain(..).map(|effect| (operator, effect)));
                if !holds(Rule::ReleasedAfterAll) {
                    self.carry_out(&mut told, now);
                }
            }
            self.carry_out(&mut told, now);
        }
    }

    /// Carries out what a change means. What nobody needs is let go only when every reader knows of the change, and what is
    /// reached is looked for only then.
    fn carry_out(&mut self, effects: &mut Vec<(OperatorId, Effect)>, now: Instant) {
        while !effects.is_empty() {
            let (mut released, mut reached) = (Vec::new(), Vec::new());
            for (operator, effect) in effects.drain(..) {
                let state = &mut self.operators[operator.0];
                match effect {
                    Effect::Released { secondary, key } => released.push((state.sources[secondary + 1].cache, key)),
                    Effect::Reaches { secondary, anchor } => reached.push((operator, secondary, anchor)),
                    effect => state.carry_out(effect, now),
                }
            }
            for (cache, key) in released {
                self.release(cache, &key);
            }
            for (operator, secondary, anchor) in reached {
                let found = self.reach(operator, secondary, &anchor);
                effects.extend(found.into_iter().map(|effect| (operator, effect)));
            }
        }
    }

    /// Lets go of an object that nobody is related to any more.
    fn release(&mut self, cache: CacheId, key: &Key) {
        let CacheState { cache: objects, readers, by_owner, .. } = &self.caches[cache.0];
        let Some(record) = objects.view(key) else { return };
        let held = readers.iter().any(|&(operator, index)| {
            index == PRIMARY || self.operators[operator.0].primaries.holds(index - 1, record)
        });
        if held && holds(Rule::ReleasedUnlessHeld) || !holds(Rule::Released) {
            return;
        }
        let keeps = |&(operator, index): &(OperatorId, usize)| {
            index > PRIMARY && self.operators[operator.0].primaries.keeps_stub(index - 1, record)
        };
        let stub = readers.iter().any(keeps).then_some(*by_owner);
        self.caches[cache.0].cache.release(key, stub);
    }

    /// Somebody is at an anchor: what hangs from it is related from now on, as far as it is known; the rest is fetched.
    fn reach(&mut self, operator: OperatorId, secondary: usize, anchor: &Anchor) -> Vec<Effect> {
        let state = &mut self.operators[operator.0];
        let id = state.sources[secondary + 1].cache;
        let cache = &self.caches[id.0].cache;
        let keys = match anchor {
            Anchor::Name(key) => vec![key.clone()],
            Anchor::Owner(uid) => cache.of_owner(*uid),
        };
        let mut effects = Vec::new();
        for key in keys {
            if !self.operators[operator.0].primaries.is_reached(secondary, anchor, &key) {
                continue;
            }
            if let Some(record) = self.caches[id.0].cache.view(&key) {
                self.operators[operator.0].primaries.found(secondary, record, &mut effects);
            }
            self.fetch(id, &key);
        }
        effects
    }

    /// Where this cache holds owners: lets go of what has waited for one that does not exist.
    fn expire(&mut self, cache: CacheId, now: Instant) {
        let CacheState { cache: objects, readers, .. } = &self.caches[cache.0];
        let Some(passed) = objects.horizon() else { return };
        let mut effects = Vec::new();
        let mut told = Vec::new();
        for (operator, owners) in readers.clone() {
            let primaries = &mut self.operators[operator.0].primaries;
            let layout = primaries.layout().clone();
            for (secondary, relation) in layout.relations.iter().enumerate() {
                if relation.parent().map_or(PRIMARY, |parent| parent + 1) == owners {
                    primaries.passed(secondary, passed, &mut effects);
                    told.extend(effects.drain(..).map(|effect| (operator, effect)));
                }
            }
        }
        self.carry_out(&mut told, now);
    }

    /// Once something of the stubs has changed: has those primaries look again that wait for one.
    fn let_go(&mut self, cache: CacheId, now: Instant) {
        if self.caches[cache.0].cache.stubs_have_changed() {
            self.look_again(cache, now);
        }
    }

    fn look_again(&mut self, cache: CacheId, now: Instant) {
        for i in 0..self.caches[cache.0].readers.len() {
            let (operator, _) = self.caches[cache.0].readers[i];
            self.operators[operator.0].let_go(now);
        }
    }

    /// Queues every primary of an operator once, when the last of its caches has become complete.
    fn start(&mut self, cache: CacheId, now: Instant) {
        for i in 0..self.caches[cache.0].readers.len() {
            let (operator, _) = self.caches[cache.0].readers[i];
            let state = &self.operators[operator.0];
            let ready = |(index, source): (usize, &Source)| {
                let served = !self.caches[source.cache.0].unserved || state.optional[index];
                self.is_complete(source.cache) && served
            };
            if state.started || !state.sources.iter().enumerate().all(ready) {
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
