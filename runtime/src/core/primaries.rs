//! The primaries of one operator with the secondaries that are related to them.

use std::collections::HashMap;
use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::applied::Applied;
use super::cache::Change;
use super::fingerprint::{Fingerprints, PRIMARY, REFUSED, UNSERVED};
use super::history::History;
use super::key::{Key, Uid};
use super::queue::EntryId;
use super::record::Record;
use super::relation::{Anchor, Layout, Relation};
use super::rules::{Rule, holds};
use super::slot::Slot;
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
    pub(crate) history: History,
}

impl Primary {
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

    /// Forgets what was applied to an object that is not related any more.
    pub(super) fn forget_applied(&mut self, secondary: usize, uid: Uid) {
        self.applied.remove(&(secondary + 1, uid));
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
    /// A secondary of this primary is another version, and no fingerprint has moved by that.
    Unmoved(EntryId),
    /// The primary is gone.
    Vanished(EntryId),
    /// This secondary is related to no primary any more, so that its cache may let go of it.
    Released { secondary: usize, key: Key },
    /// Objects of this secondary that hang from this anchor are related from now on, if there are any: who has not asked
    /// for them so far may have only a stub of them.
    Reaches { secondary: usize, anchor: Anchor },
}

/// The relation index of one operator: which object belongs to which primary, in both directions, and the fingerprints.
///
/// An object is among the secondaries of a primary if and only if that primary is at one of the anchors from which the
/// object hangs; `relate.rs` keeps that so.
#[derive(Debug)]
pub(crate) struct Primaries {
    pub(super) layout: Arc<Layout>,
    pub(super) slots: Box<[Slot]>,
    /// Whether the API server serves the kind of each secondary.
    served: Arc<[bool]>,
    entries: Vec<Option<Entry>>,
    free: Vec<EntryId>,
    by_key: HashMap<Key, EntryId>,
    pub(super) by_uid: FxHashMap<Uid, EntryId>,
}

impl Primaries {
    /// `narrowed`: there is a selector or a filter of primaries, so that one may pass it long after its children are there.
    pub(crate) fn new(layout: Arc<Layout>, narrowed: bool) -> Self {
        let slots = (0..layout.relations.len()).map(|secondary| Slot::new(&layout, secondary, narrowed));
        Self {
            slots: slots.collect(),
            served: vec![true; layout.relations.len()].into(),
            layout,
            entries: Vec::new(),
            free: Vec::new(),
            by_key: HashMap::new(),
            by_uid: FxHashMap::default(),
        }
    }

    pub(crate) fn layout(&self) -> &Arc<Layout> {
        &self.layout
    }

    pub(crate) fn entry(&self, id: EntryId) -> Option<&Entry> {
        self.entries.get(id.0 as usize)?.as_ref()
    }

    pub(crate) fn entry_mut(&mut self, id: EntryId) -> Option<&mut Entry> {
        self.entries.get_mut(id.0 as usize)?.as_mut()
    }

    /// The primary in an entry, if there is one now.
    pub(crate) fn primary(&self, id: EntryId) -> Option<&Primary> {
        self.entry(id)?.primary.as_ref()
    }

    pub(super) fn primary_mut(&mut self, id: EntryId) -> Option<&mut Primary> {
        self.entry_mut(id)?.primary.as_mut()
    }

    pub(crate) fn find(&self, key: &Key) -> Option<EntryId> {
        self.by_key.get(key).copied()
    }

    /// The entry of this name, if there is a primary in it now.
    pub(super) fn occupied(&self, key: &Key) -> Option<EntryId> {
        self.find(key).filter(|id| self.primary(*id).is_some())
    }

    /// What a run of this primary that starts now sees.
    pub(crate) fn view(&self, primary: &Primary) -> View {
        View { primary: primary.record.clone(), secondaries: primary.secondaries.to_vec(), served: self.served.clone() }
    }

    /// The number of primaries.
    pub(crate) fn len(&self) -> usize {
        self.by_uid.len()
    }

    /// All entries, with or without a primary.
    pub(crate) fn ids(&self) -> impl Iterator<Item = EntryId> {
        (0..self.entries.len()).filter(|&i| self.entries[i].is_some()).map(|i| EntryId(i as u32))
    }

    /// The number of entries there ever were at once: one more than the last one's.
    pub(crate) fn end(&self) -> u32 {
        u32::try_from(self.entries.len()).unwrap_or(u32::MAX)
    }

    /// Forgets an entry without primary and without run.
    pub(crate) fn forget(&mut self, id: EntryId) {
        if let Some(entry) = self.entries[id.0 as usize].take() {
            self.by_key.remove(&entry.key);
            self.free.push(id);
        }
    }

    /// The API server serves the kind of this secondary from now on, or no longer. That is a change to every primary.
    pub(crate) fn serve(&mut self, secondary: usize, served: bool, effects: &mut Vec<Effect>) {
        if self.served[secondary] == served {
            return;
        }
        let mut all = self.served.to_vec();
        all[secondary] = served;
        self.served = all.into();
        let (old, new) = if served { (UNSERVED, 0) } else { (0, UNSERVED) };
        for id in self.ids().collect::<Vec<_>>() {
            if let Some(primary) = self.primary_mut(id) {
                primary.fingerprints.shift(secondary + 1, old, new);
                effects.push(Effect::Moved { id, edited: false });
            }
        }
    }

    /// A primary appeared, changed or vanished. One that the filter refuses has vanished.
    pub(crate) fn primary_changed(&mut self, change: &Change, effects: &mut Vec<Effect>) {
        let projection = self.layout.projections[PRIMARY];
        let passes = |record: &&Arc<Record>| record.fingerprints[projection] != REFUSED || !holds(Rule::RefusedIsNone);
        let new = change.new.as_ref().filter(passes);
        let id = match (self.find(&change.key), new) {
            (Some(id), _) => id,
            (None, Some(_)) => self.insert(change.key.clone()),
            (None, None) => return,
        };
        match (self.primary_mut(id), new) {
            (Some(primary), Some(new)) if primary.record.uid == new.uid => {
                let old = std::mem::replace(&mut primary.record, new.clone());
                let edited = old.generation != new.generation || old.deleting != new.deleting;
                primary.fingerprints.shift(PRIMARY, old.fingerprints[projection], new.fingerprints[projection]);
                effects.push(Effect::Moved { id, edited });
                self.refer(id, Some(&old), Some(new), effects);
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
        self.refer(id, Some(&primary.record), None, effects);
        let layout = self.layout.clone();
        // Parents first: whether a child waits depends on whether its parent does.
        for &secondary in &layout.order {
            for record in primary.secondaries[secondary].iter() {
                self.slots[secondary].leave(record.uid, id);
                self.settle(secondary, record, false, effects);
            }
        }
    }

    /// Puts a primary into an entry, with the secondaries that have waited for it.
    fn occupy(&mut self, id: EntryId, record: Arc<Record>, effects: &mut Vec<Effect>) {
        let secondaries = self.slots.len();
        let mut fingerprints = Fingerprints::new(secondaries);
        fingerprints.shift(PRIMARY, 0, record.fingerprints[self.layout.projections[PRIMARY]]);
        for secondary in (0..secondaries).filter(|&secondary| !self.served[secondary]) {
            fingerprints.shift(secondary + 1, 0, UNSERVED);
        }
        let primary = Primary {
            record: record.clone(),
            secondaries: vec![Records::default(); secondaries].into(),
            fingerprints,
            applied: FxHashMap::default(),
            history: History::default(),
        };
        if let Some(entry) = self.entry_mut(id) {
            entry.primary = Some(primary);
        }
        self.by_uid.insert(record.uid, id);
        let mut attached = Vec::new();
        for secondary in 0..secondaries {
            let anchor = match &self.slots[secondary].relation {
                Relation::Owned(_) => Anchor::Owner(record.uid),
                Relation::Named { .. } => Anchor::Name(record.key.clone()),
                Relation::Through { .. } | Relation::Referenced { .. } => continue,
            };
            self.gather(secondary, anchor, &mut attached);
        }
        self.refer(id, None, Some(&record), &mut attached);
        // That the new primary has moved goes without saying.
        effects
            .extend(attached.into_iter().filter(|effect| !matches!(effect, Effect::Moved { id: of, .. } if *of == id)));
    }

    /// Keeps account of the names that a primary refers to.
    fn refer(&mut self, id: EntryId, old: Option<&Record>, new: Option<&Record>, effects: &mut Vec<Effect>) {
        for secondary in 0..self.slots.len() {
            let Relation::Referenced { names } = self.slots[secondary].relation else { continue };
            let of = |record: Option<&Record>| record.and_then(|r| r.names.get(names)).cloned().unwrap_or_default();
            let relation = self.slots[secondary].relation.clone();
            let base = |record: Option<&Record>| record.map_or(0, |record| relation.base(record));
            let (before, after) = (base(old), base(new));
            if let Some(primary) = self.primary_mut(id).filter(|_| before != after) {
                primary.fingerprints.shift(secondary + 1, before, after);
                effects.push(Effect::Moved { id, edited: false });
            }
            let (old, new) = (of(old), of(new));
            for key in old.iter().filter(|key| !new.contains(key)) {
                self.slots[secondary].unrefer(key, id);
                if let Some(record) = self.detach(secondary, id, key, effects) {
                    self.settle(secondary, &record, false, effects);
                }
            }
            for key in new.iter().filter(|key| !old.contains(key)) {
                self.slots[secondary].refer(key, id);
                effects.push(Effect::Reaches { secondary, anchor: Anchor::Name(key.clone()) });
            }
        }
    }
}

#[cfg(test)]
#[path = "primaries_tests.rs"]
mod tests;
