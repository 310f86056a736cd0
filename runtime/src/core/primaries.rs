//! The primaries of one operator with the secondaries that are related to them.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::applied::Applied;
use super::cache::Change;
use super::fingerprint::{Fingerprints, PRIMARY, put};
use super::key::{Key, Rv, Uid};
use super::queue::EntryId;
use super::raw::RawMeta;
use super::record::Record;
use super::relation::Owned;
use super::rules::{Rule, holds};
use crate::snapshot::{Records, View};

/// A name that a primary has, or had while a run of it is still going on.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) key: Key,
    pub(crate) primary: Option<Primary>,
    /// The uid that the run in progress was started for.
    pub(crate) running: Option<Uid>,
}

/// One incarnation of a primary.
#[derive(Debug)]
pub(crate) struct Primary {
    pub(crate) record: Arc<Record>,
    pub(crate) secondaries: Box<[Records]>,
    pub(crate) fingerprints: Fingerprints,
    /// What was applied last, by index and uid.
    applied: FxHashMap<(usize, Uid), Applied>,
}

impl Primary {
    /// What a run that starts now sees.
    pub(crate) fn view(&self) -> View {
        View { primary: self.record.clone(), secondaries: self.secondaries.to_vec(), served: vec![true; self.secondaries.len()].into() }
    }

    /// What was applied last to this object.
    pub(crate) fn applied(&self, index: usize, record: &Record) -> Option<Applied> {
        self.applied.get(&(index, record.uid)).copied()
    }

    /// The same, to be changed; `None` if the object is not related any more.
    pub(crate) fn applied_mut(&mut self, index: usize, record: &Record) -> Option<&mut Applied> {
        let related = match index.checked_sub(1) {
            None => self.record.uid == record.uid,
            Some(secondary) => {
                let place = self.secondaries[secondary].binary_search_by(|other| other.key.cmp(&record.key));
                place.is_ok_and(|i| self.secondaries[secondary][i].uid == record.uid)
            }
        };
        related.then(|| self.applied.entry((index, record.uid)).or_default())
    }
}

/// What a change means to the primaries.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Effect {
    /// A name is taken, by a new object or by another one than before.
    Appeared(EntryId),
    /// A fingerprint of this primary has moved, or the primary itself has changed. `edited`: the primary itself has a new generation or is being
    /// deleted.
    Moved { id: EntryId, edited: bool },
    /// The primary is gone.
    Vanished(EntryId),
    /// This secondary is related to no primary any more, so that its cache may let go of it.
    Released { secondary: usize, key: Key },
}

/// The relation index of one operator: which object belongs to which primary, in both directions, and the fingerprints.
#[derive(Debug)]
pub(crate) struct Primaries {
    relation: Owned,
    projections: Arc<[usize]>,
    entries: Vec<Option<Entry>>,
    free: Vec<EntryId>,
    by_key: HashMap<Key, EntryId>,
    by_uid: FxHashMap<Uid, EntryId>,
    /// Secondaries whose primary is not known yet; each waits until the watch of the primaries has passed its version.
    parked: FxHashMap<Uid, Vec<(usize, Arc<Record>)>>,
    parked_order: BTreeSet<(Rv, Uid)>,
    /// How far the watch of the primaries has come, once it has come so far that nobody waits for older ones.
    passed: Rv,
}

impl Primaries {
    /// `projections` says which of a record's fingerprints counts: for the primary, then for each secondary.
    pub(crate) fn new(relation: Owned, projections: Arc<[usize]>) -> Self {
        Self {
            relation,
            projections,
            entries: Vec::new(),
            free: Vec::new(),
            by_key: HashMap::new(),
            by_uid: FxHashMap::default(),
            parked: FxHashMap::default(),
            parked_order: BTreeSet::new(),
            passed: Rv::default(),
        }
    }

    pub(crate) fn projections(&self) -> &Arc<[usize]> {
        &self.projections
    }

    pub(crate) fn entry(&self, id: EntryId) -> Option<&Entry> {
        self.entries.get(id.0 as usize)?.as_ref()
    }

    pub(crate) fn entry_mut(&mut self, id: EntryId) -> Option<&mut Entry> {
        self.entries.get_mut(id.0 as usize)?.as_mut()
    }

    pub(crate) fn find(&self, key: &Key) -> Option<EntryId> {
        self.by_key.get(key).copied()
    }

    /// All entries, with or without a primary.
    pub(crate) fn ids(&self) -> impl Iterator<Item = EntryId> {
        (0..self.entries.len()).filter(|&i| self.entries[i].is_some()).map(|i| EntryId(i as u32))
    }

    /// Forgets an entry without primary and without run.
    pub(crate) fn forget(&mut self, id: EntryId) {
        if let Some(entry) = self.entries[id.0 as usize].take() {
            self.by_key.remove(&entry.key);
            self.free.push(id);
        }
    }

    /// Whether an object of a secondary kind is related to a primary that exists, or to one that may yet appear since the
    /// watch of the primaries, at `passed`, lags behind it.
    pub(crate) fn claims(&self, meta: &RawMeta, passed: Option<Rv>) -> bool {
        let Some(uid) = self.relation.primary(&meta.owners) else { return false };
        match (self.related(uid, &meta.key), passed, meta.comparable()) {
            (Some(_), ..) => true,
            (None, Some(passed), Some(rv)) => !self.by_uid.contains_key(&uid) && passed < rv,
            // Nobody can tell whether the watch lags.
            (None, ..) => !self.by_uid.contains_key(&uid),
        }
    }

    /// Whether this object of a secondary kind is related to a primary or waits for one.
    pub(crate) fn holds(&self, secondary: usize, record: &Record) -> bool {
        let Some(uid) = self.relation.primary(&record.owners) else { return false };
        let waits = |parked: &Vec<(usize, Arc<Record>)>| {
            parked.iter().any(|(other, waiting)| *other == secondary && waiting.key == record.key)
        };
        self.related(uid, &record.key).is_some() || self.parked.get(&uid).is_some_and(waits)
    }

    /// A primary appeared, changed or vanished.
    pub(crate) fn primary_changed(&mut self, change: &Change, effects: &mut Vec<Effect>) {
        let id = match (self.find(&change.key), &change.new) {
            (Some(id), _) => id,
            (None, Some(_)) => self.insert(change.key.clone()),
            (None, None) => return,
        };
        let projection = self.projections[PRIMARY];
        let known = self.entries[id.0 as usize].as_mut().and_then(|entry| entry.primary.as_mut());
        match (known, &change.new) {
            (Some(primary), Some(new)) if primary.record.uid == new.uid => {
                let old = std::mem::replace(&mut primary.record, new.clone());
                let edited = old.generation != new.generation || old.deleting != new.deleting;
                primary.fingerprints.shift(PRIMARY, old.fingerprints[projection], new.fingerprints[projection]);
                effects.push(Effect::Moved { id, edited });
            }
            (_, Some(new)) => {
                self.vacate(id, effects);
                self.occupy(id, new.clone(), effects);
                effects.push(Effect::Appeared(id));
            }
            (_, None) => {
                self.vacate(id, effects);
                effects.push(Effect::Vanished(id));
            }
        }
    }

    /// An object of a secondary kind appeared, changed or vanished.
    pub(crate) fn secondary_changed(&mut self, secondary: usize, change: &Change, effects: &mut Vec<Effect>) {
        let primary = |record: &Option<Arc<Record>>| self.relation.primary(&record.as_ref()?.owners);
        let (old, new) = (primary(&change.old), primary(&change.new));
        if let Some(uid) = old.filter(|_| old != new) {
            self.detach(uid, secondary, &change.key, effects);
        }
        match (new, &change.new) {
            (Some(uid), Some(record)) => self.attach(uid, secondary, record.clone(), effects),
            _ => {
                if let Some(uid) = old.filter(|_| old == new) {
                    self.detach(uid, secondary, &change.key, effects);
                }
            }
        }
    }

    /// The watch of the primaries has come this far: who waits for an older primary waits in vain.
    pub(crate) fn passed(&mut self, passed: Rv, effects: &mut Vec<Effect>) {
        self.passed = passed;
        while let Some((rv, uid)) = self.parked_order.first().copied().filter(|(rv, _)| *rv <= passed) {
            self.parked_order.remove(&(rv, uid));
            let Some(parked) = self.parked.get_mut(&uid) else { continue };
            parked.retain(|(secondary, record)| {
                let stays = waits_until(record) > passed || !holds(Rule::ParkedUntilPassed);
                if !stays {
                    effects.push(Effect::Released { secondary: *secondary, key: record.key.clone() });
                }
                stays
            });
            if parked.is_empty() {
                self.parked.remove(&uid);
            }
        }
    }

    fn insert(&mut self, key: Key) -> EntryId {
        let entry = Entry { key: key.clone(), primary: None, running: None };
        let id = match self.free.pop() {
            Some(id) => {
                self.entries[id.0 as usize] = Some(entry);
                id
            }
            None => {
                self.entries.push(Some(entry));
                EntryId((self.entries.len() - 1) as u32)
            }
        };
        self.by_key.insert(key, id);
        id
    }

    /// Takes the primary out of an entry and lets go of its secondaries.
    fn vacate(&mut self, id: EntryId, effects: &mut Vec<Effect>) {
        let Some(primary) = self.entry_mut(id).and_then(|entry| entry.primary.take()) else { return };
        self.by_uid.remove(&primary.record.uid);
        for (secondary, records) in primary.secondaries.iter().enumerate() {
            effects.extend(records.iter().map(|r| Effect::Released { secondary, key: r.key.clone() }));
        }
    }

    /// Puts a primary into an entry, with the secondaries that have waited for it.
    fn occupy(&mut self, id: EntryId, record: Arc<Record>, effects: &mut Vec<Effect>) {
        let secondaries = self.projections.len() - 1;
        let uid = record.uid;
        let mut fingerprints = Fingerprints::new(secondaries);
        fingerprints.shift(PRIMARY, 0, record.fingerprints[self.projections[PRIMARY]]);
        let primary = Primary {
            record,
            secondaries: vec![Records::default(); secondaries].into(),
            fingerprints,
            applied: FxHashMap::default(),
        };
        if let Some(entry) = self.entry_mut(id) {
            entry.primary = Some(primary);
        }
        self.by_uid.insert(uid, id);
        for (secondary, record) in self.parked.remove(&uid).unwrap_or_default() {
            self.parked_order.remove(&(waits_until(&record), uid));
            let mut attached = Vec::new();
            self.attach(uid, secondary, record, &mut attached);
            // That the new primary has moved goes without saying.
            effects.extend(attached.into_iter().filter(|effect| matches!(effect, Effect::Released { .. })));
        }
    }

    fn attach(&mut self, uid: Uid, secondary: usize, record: Arc<Record>, effects: &mut Vec<Effect>) {
        let projection = self.projections[secondary + 1];
        let key = record.key.clone();
        let Some(id) = self.related(uid, &key) else {
            if !self.by_uid.contains_key(&uid) && waits_until(&record) > self.passed && holds(Rule::Parked) {
                self.park(uid, secondary, record);
            } else {
                effects.push(Effect::Released { secondary, key });
            }
            return;
        };
        let Some(primary) = self.entry_mut(id).and_then(|entry| entry.primary.as_mut()) else { return };
        let new = record.fingerprints[projection];
        let uid = record.uid;
        let old = put(&mut primary.secondaries[secondary], &key, Some(record));
        if let Some(old) = old.as_ref().filter(|old| old.uid != uid) {
            primary.applied.remove(&(secondary + 1, old.uid));
        }
        let old = old.map_or(0, |old| old.fingerprints[projection]);
        primary.fingerprints.shift(secondary + 1, old, new);
        // A write that is of no interest must not prolong the wait for further changes.
        if old != new {
            effects.push(Effect::Moved { id, edited: false });
        }
    }

    fn detach(&mut self, uid: Uid, secondary: usize, key: &Key, effects: &mut Vec<Effect>) {
        if let Some(parked) = self.parked.get_mut(&uid) {
            parked.retain(|(s, record)| *s != secondary || record.key != *key);
            if parked.is_empty() {
                self.parked.remove(&uid);
            }
        }
        let projection = self.projections[secondary + 1];
        let Some(id) = self.by_uid.get(&uid).copied() else { return };
        let Some(primary) = self.entry_mut(id).and_then(|entry| entry.primary.as_mut()) else { return };
        if let Some(old) = put(&mut primary.secondaries[secondary], key, None) {
            primary.applied.remove(&(secondary + 1, old.uid));
            primary.fingerprints.shift(secondary + 1, old.fingerprints[projection], 0);
            effects.push(Effect::Moved { id, edited: false });
        }
    }

    fn park(&mut self, uid: Uid, secondary: usize, record: Arc<Record>) {
        self.parked_order.insert((waits_until(&record), uid));
        let parked = self.parked.entry(uid).or_default();
        match parked.iter_mut().find(|(s, other)| *s == secondary && other.key == record.key) {
            Some(place) => place.1 = record,
            None => parked.push((secondary, record)),
        }
    }

    fn related(&self, uid: Uid, secondary: &Key) -> Option<EntryId> {
        let id = self.by_uid.get(&uid).copied()?;
        self.relation.allows(&self.entry(id)?.key, secondary).then_some(id)
    }
}

/// When a secondary without its primary waits in vain: when the watch of the primaries has come so far. Where versions
/// cannot be compared, never.
fn waits_until(record: &Record) -> Rv {
    record.comparable().unwrap_or(Rv(u64::MAX))
}

#[cfg(test)]
#[path = "primaries_tests.rs"]
mod tests;
