//! How what changes in a cache reaches the operators that read it, and what is let go then.

use std::time::Instant;

use super::cache::Change;
use super::fetching::Fetch;
use super::fingerprint::PRIMARY;
use super::key::{Key, Uid};
use super::primaries::Effect;
use super::queue::Lane;
use super::raw::RawMeta;
use super::relate::Claim;
use super::relation::Anchor;
use super::rules::{Rule, holds};
use super::stubs::{Readers, Stub};
use super::world::{CacheId, CacheState, OperatorId, Origin, World};

impl World {
    /// The API server does not serve the kind of this cache, which may be missing.
    pub(crate) fn unserved(&mut self, cache: CacheId, scope: Option<&str>, now: Instant) {
        let mut changes = Vec::new();
        self.caches[cache.0].cache.unserved(scope, &mut changes);
        self.caches[cache.0].unserved.insert(scope.map(Into::into));
        self.observed(cache, changes, now);
        self.serve(cache, now);
    }

    /// The API server serves the kind of this cache, or does so again.
    pub(crate) fn served(&mut self, cache: CacheId, scope: Option<&str>, now: Instant) {
        let unserved = &mut self.caches[cache.0].unserved;
        // That of all namespaces is over when a single one is served.
        unserved.retain(|other| other.is_some() && other.as_deref() != scope);
        self.serve(cache, now);
    }

    pub(super) fn serve(&mut self, cache: CacheId, now: Instant) {
        let served = self.caches[cache.0].unserved.is_empty();
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

    pub(super) fn observed(&mut self, cache: CacheId, changes: Vec<Change>, now: Instant) {
        self.spread(cache, changes, Origin::Event, now);
        self.expire(cache, now);
        self.start(cache, now);
        self.let_go(cache, now);
    }

    /// What is to be kept of an object. `decoded`: the names that stand in the object are known.
    pub(super) fn claims(&self, cache: CacheId, meta: &RawMeta, decoded: bool) -> Claim {
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
    pub(super) fn spread(&mut self, cache: CacheId, changes: Vec<Change>, origin: Origin, now: Instant) {
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
                if origin == Origin::Event {
                    state.count(index, &change, &effects);
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
    pub(super) fn carry_out(&mut self, effects: &mut Vec<(OperatorId, Effect)>, now: Instant) {
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
    pub(super) fn release(&mut self, cache: CacheId, key: &Key) {
        let CacheState { cache: objects, readers, .. } = &self.caches[cache.0];
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
        let stub = readers.iter().any(keeps).then(|| self.stub(cache, record));
        self.caches[cache.0].cache.release(key, stub);
    }

    /// Somebody is at an anchor: what hangs from it is related from now on, as far as it is known; the rest is fetched.
    pub(super) fn reach(&mut self, operator: OperatorId, secondary: usize, anchor: &Anchor) -> Vec<Effect> {
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
            if self.may_hang(id, operator, secondary, anchor, &key) {
                self.fetch(id, &key);
            }
        }
        effects
    }

    /// A stub of an object, with the owners that count to somebody.
    pub(super) fn stub(&self, cache: CacheId, meta: &RawMeta) -> Stub {
        let mut owners: Vec<(Uid, Readers)> = Vec::new();
        let CacheState { readers, by_owner, .. } = &self.caches[cache.0];
        for (place, &(operator, index)) in readers.iter().enumerate().filter(|_| *by_owner) {
            let Some(secondary) = index.checked_sub(1) else { continue };
            for uid in self.operators[operator.0].primaries.owners(secondary, meta) {
                match owners.iter_mut().find(|(other, _)| *other == uid) {
                    Some((_, readers)) => *readers = readers.and(Readers::one(place)),
                    None => owners.push((uid, Readers::one(place))),
                }
            }
        }
        Stub::of(meta, owners)
    }

    /// Whether the stub under a key hangs from this anchor to this secondary: it may have other owners, which do not count.
    pub(super) fn may_hang(
        &self,
        cache: CacheId,
        operator: OperatorId,
        secondary: usize,
        anchor: &Anchor,
        key: &Key,
    ) -> bool {
        let CacheState { cache, readers, .. } = &self.caches[cache.0];
        let Anchor::Owner(uid) = anchor else { return true };
        let place = readers.iter().position(|reader| *reader == (operator, secondary + 1));
        cache.stub(key).zip(place).is_some_and(|(stub, place)| stub.hangs(*uid, Readers::one(place)))
    }

    /// Where this cache holds owners: lets go of what has waited for one that does not exist.
    pub(super) fn expire(&mut self, cache: CacheId, now: Instant) {
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

    /// Has those primaries look again that wait for a stub which has changed.
    pub(super) fn let_go(&mut self, cache: CacheId, now: Instant) {
        for key in self.caches[cache.0].cache.take_changed_stubs() {
            self.let_go_of(&Fetch { cache, key }, now);
        }
    }

    pub(super) fn let_go_of(&mut self, fetch: &Fetch, now: Instant) {
        for i in 0..self.caches[fetch.cache.0].readers.len() {
            let (operator, _) = self.caches[fetch.cache.0].readers[i];
            self.operators[operator.0].let_go(fetch, now);
        }
    }

    /// Whether the first runs of an operator wait for the cache at an index.
    pub(crate) fn awaits(&self, operator: OperatorId, index: usize) -> bool {
        let state = &self.operators[operator.0];
        let cache = state.sources[index].cache;
        let served = self.caches[cache.0].unserved.is_empty() || state.optional[index];
        !(self.is_complete(cache) && served)
    }

    /// Queues every primary of an operator once, when the last of its caches has become complete.
    pub(super) fn start(&mut self, cache: CacheId, now: Instant) {
        for i in 0..self.caches[cache.0].readers.len() {
            let (operator, _) = self.caches[cache.0].readers[i];
            let sources = self.operators[operator.0].sources.len();
            if self.operators[operator.0].started || (0..sources).any(|index| self.awaits(operator, index)) {
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
