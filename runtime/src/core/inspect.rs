//! What others may know of the world: copied under the lock, a piece at a time, to be looked at without it.

#![cfg_attr(not(feature = "server"), allow(dead_code, reason = "only the port shows all of it"))]

use super::account::{Effects, Shown};
use super::history::Memory;
use super::key::{Key, Uid, Version};
use super::queue::{EntryId, Lane, Times, Turns};
use super::world::{CacheId, OperatorId, World};
use crate::snapshot::View;

/// One piece of a cache: all of it, or that of one namespace.
#[derive(Clone, Debug)]
pub(crate) struct CachePiece {
    pub(crate) namespace: Option<String>,
    pub(crate) complete: bool,
    pub(crate) objects: usize,
    pub(crate) stubs: usize,
    /// The bytes of JSON that the objects came as.
    pub(crate) bytes: u64,
    /// Answers of own writes that the watch has not shown yet.
    pub(crate) ahead: usize,
}

/// One operator at one moment.
#[derive(Clone, Debug)]
pub(crate) struct OperatorView {
    /// All of its caches were complete once.
    pub(crate) started: bool,
    pub(crate) primaries: usize,
    pub(crate) running: usize,
    pub(crate) limit: usize,
    /// Primaries whose turn has come, and that wait for an object which is being fetched.
    pub(crate) held: usize,
    pub(crate) turns: Turns,
    /// Of the primaries, then of each secondary.
    pub(crate) effects: Box<[Effects]>,
}

/// One primary at one moment.
#[derive(Clone, Debug)]
pub(crate) struct PrimaryView {
    pub(crate) key: Key,
    pub(crate) uid: Uid,
    pub(crate) version: Version,
    pub(crate) generation: Option<i64>,
    pub(crate) deleting: bool,
    pub(crate) times: Times,
    /// Of the primary, then of each secondary: what the caches hold, and what the last successful run saw.
    pub(crate) prints: Vec<(u128, Option<u128>)>,
    /// How many objects there are of each secondary.
    pub(crate) counts: Vec<usize>,
    /// What came of some write is unknown.
    pub(crate) unsure: bool,
    /// How many runs in a row have made another one follow by what they wrote.
    pub(crate) provocations: u32,
    pub(crate) memory: Memory,
}

/// One entry of a queue.
#[derive(Clone, Debug)]
pub(crate) struct QueueEntry {
    pub(crate) key: Key,
    /// `live`, `background`, or what it waits for.
    pub(crate) place: &'static str,
    pub(crate) at: std::time::Instant,
}

impl World {
    /// What a watch has shown.
    pub(crate) fn shown(&self, cache: CacheId) -> Shown {
        self.caches[cache.0].shown
    }

    /// The own echoes in all caches that an operator reads.
    pub(crate) fn echoes(&self, operator: OperatorId) -> u64 {
        let caches: std::collections::BTreeSet<CacheId> =
            self.operators[operator.0].sources.iter().map(|source| source.cache).collect();
        caches.iter().map(|cache| self.caches[cache.0].shown.echoes).sum()
    }

    /// The operators that read a cache, each at which index.
    pub(crate) fn readers(&self, cache: CacheId) -> Vec<(OperatorId, usize)> {
        self.caches[cache.0].readers.clone()
    }

    /// Whether the API server serves the kind of a cache, as far as is known.
    pub(crate) fn is_served(&self, cache: CacheId) -> bool {
        self.caches[cache.0].unserved.is_empty()
    }

    /// The pieces of a cache.
    #[cfg(feature = "server")]
    pub(crate) fn pieces(&self, cache: CacheId) -> Vec<CachePiece> {
        let pieces = self.caches[cache.0].cache.iter().map(|(namespace, cache)| CachePiece {
            namespace: namespace.map(str::to_owned),
            complete: cache.is_complete(),
            objects: cache.len(),
            stubs: cache.stubs().len(),
            bytes: cache.bytes(),
            ahead: cache.ahead(),
        });
        pieces.collect()
    }

    /// One operator.
    pub(crate) fn operator_view(&self, operator: OperatorId) -> OperatorView {
        let state = &self.operators[operator.0];
        OperatorView {
            started: state.started,
            primaries: state.primaries.len(),
            running: state.running,
            limit: state.limit,
            held: state.held.len(),
            turns: state.queue.turns(),
            effects: state.effects.clone(),
        }
    }

    /// Whether all caches of an operator were complete once.
    pub(crate) fn is_started(&self, operator: OperatorId) -> bool {
        self.operators[operator.0].started
    }

    /// What is remembered of a primary; `None` if there is none of this name.
    pub(crate) fn memory(&self, operator: OperatorId, key: &Key) -> Option<Memory> {
        let primaries = &self.operators[operator.0].primaries;
        self.memory_of(operator, primaries.occupied(key)?)
    }

    fn memory_of(&self, operator: OperatorId, id: EntryId) -> Option<Memory> {
        let state = &self.operators[operator.0];
        let names: Vec<&'static str> = state.secondaries.iter().map(|(name, _)| *name).collect();
        let history = &state.primaries.primary(id)?.history;
        Some(self.epoch.map_or_else(Memory::default, |epoch| Memory::of(history, epoch, &names)))
    }

    /// One primary.
    pub(crate) fn primary_view(&self, operator: OperatorId, key: &Key) -> Option<PrimaryView> {
        self.view_of_entry(operator, self.operators[operator.0].primaries.occupied(key)?)
    }

    fn view_of_entry(&self, operator: OperatorId, id: EntryId) -> Option<PrimaryView> {
        let state = &self.operators[operator.0];
        let primary = state.primaries.primary(id)?;
        let prints = &primary.fingerprints;
        Some(PrimaryView {
            key: primary.record.key.clone(),
            uid: primary.record.uid,
            version: primary.record.version(),
            generation: primary.record.generation,
            deleting: primary.record.deleting,
            times: state.queue.times(id).unwrap_or_default(),
            prints: prints.current().iter().copied().zip(prints.seen().iter().copied()).collect(),
            counts: primary.secondaries.iter().map(|records| records.len()).collect(),
            unsure: prints.is_unsure(),
            provocations: prints.poisonings(),
            memory: self.memory_of(operator, id)?,
        })
    }

    /// Primaries from the entry with the number `from` on, no more than `most`, of this namespace or of all, among the next `scan`
    /// entries; and the number to go on from, unless that was the end.
    pub(crate) fn primaries_from(
        &self,
        operator: OperatorId,
        from: u32,
        (scan, most): (u32, usize),
        namespace: Option<&str>,
    ) -> (Vec<PrimaryView>, Option<u32>) {
        let primaries = &self.operators[operator.0].primaries;
        let mut found = Vec::new();
        let end = from.saturating_add(scan).min(primaries.end());
        for id in from..end {
            if found.len() == most {
                return (found, Some(id));
            }
            let Some(primary) = primaries.primary(EntryId(id)) else { continue };
            if namespace.is_none_or(|namespace| primary.record.key.namespace() == Some(namespace)) {
                found.extend(self.view_of_entry(operator, EntryId(id)));
            }
        }
        (found, (end < primaries.end()).then_some(end))
    }

    /// Who waits in a queue, no more than `most` in each lane, and the next ones that a time is set for.
    pub(crate) fn queue_entries(&self, operator: OperatorId, most: usize) -> Vec<QueueEntry> {
        let state = &self.operators[operator.0];
        let entry = |id: EntryId, place, at| {
            let key = state.primaries.entry(id)?.key.clone();
            Some(QueueEntry { key, place, at })
        };
        let turns = |lane, place| {
            state.queue.waiting(lane).take(most).filter_map(move |turn| entry(turn.id, place, turn.since))
        };
        let timer = |(_, id): (_, EntryId)| {
            let (place, at) = state.queue.times(id)?.next()?;
            entry(id, place, at)
        };
        let timers = state.queue.next_timers().take(most).filter_map(timer);
        turns(Lane::Live, "live").chain(turns(Lane::Background, "background")).chain(timers).collect()
    }

    /// What a run of this primary that began now would see.
    pub(crate) fn snapshot(&self, operator: OperatorId, key: &Key) -> Option<View> {
        let primaries = &self.operators[operator.0].primaries;
        Some(primaries.view(primaries.primary(primaries.occupied(key)?)?))
    }
}
