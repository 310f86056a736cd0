//! Objects of which only a stub is kept, and that somebody is related to from now on: what is to be fetched, and who waits.

use std::sync::Arc;
use std::time::Instant;

use super::key::{Key, Rv};
use super::queue::EntryId;
use super::record::Record;
use super::relate::Claim;
use super::relation::{Anchor, Relation};
use super::rules::{Rule, holds};
use super::world::{CacheId, OperatorId, Origin, World};

/// An object of which there is only a stub, and that somebody is related to.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Fetch {
    pub(crate) cache: CacheId,
    pub(crate) key: Key,
}

impl World {
    /// Whether [`World::pop`] or [`World::deadline`] may answer something else than before this was asked last.
    pub(crate) fn take_stirred(&mut self) -> bool {
        self.operators.iter_mut().fold(false, |stirred, state| state.queue.take_stirred() | stirred)
    }

    /// Whether anything is to be fetched.
    pub(crate) fn is_wanting(&self) -> bool {
        !self.wanted.is_empty()
    }

    /// What is to be fetched: [`World::fetched`] must follow for each.
    pub(crate) fn take_wanted(&mut self) -> Vec<Fetch> {
        std::mem::take(&mut self.wanted)
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
        let stub = self.caches[cache.0].cache.stub(key);
        if let Some((record, stub)) = found.as_ref().zip(stub).filter(|(record, stub)| unwanted && !stub.is_of(record))
        {
            if record.comparable().is_none_or(|rv| rv < stub.rv) {
                return false;
            }
            // It has another owner by now, as the watch will show, too: it is not asked for until then.
            self.caches[cache.0].cache.set_gone(key);
        }
        let mut changes = Vec::new();
        let done = unwanted || self.caches[cache.0].cache.fetched(key, asked, found, &mut changes);
        self.spread(*cache, changes, Origin::Answer, now);
        if done {
            self.unwanted(fetch, now);
        }
        done
    }

    /// Gives up a question that is no longer one.
    pub(crate) fn unwanted(&mut self, fetch: &Fetch, now: Instant) {
        self.fetching.remove(fetch);
        self.let_go_of(fetch, now);
    }

    pub(super) fn fetch(&mut self, cache: CacheId, key: &Key) {
        let fetch = Fetch { cache, key: key.clone() };
        let unresolved = self.caches[cache.0].cache.unresolved(key).is_some() && holds(Rule::StubsFetched);
        if unresolved && self.fetching.insert(fetch.clone()) {
            self.wanted.push(fetch);
        }
    }

    /// What is related to a primary, and known by a stub alone.
    pub(super) fn unresolved(&self, operator: OperatorId, id: EntryId) -> Vec<Fetch> {
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
                keys.retain(|key| {
                    state.primaries.is_reached(secondary, &anchor, key)
                        && self.may_hang(id, operator, secondary, &anchor, key)
                });
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
}
