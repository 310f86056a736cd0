//! Which secondary belongs to which primary: how the index follows every change.

use std::sync::Arc;

use super::cache::Change;
use super::fingerprint::put;
use super::key::{Key, Rv, Uid};
use super::primaries::{Effect, Primaries};
use super::queue::EntryId;
use super::raw::RawMeta;
use super::record::Record;
use super::relation::{Anchor, Relation};
use super::rules::{Rule, holds};

/// What is to be kept of an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Claim {
    Nothing,
    /// That it exists: somebody may be related to it some day, without another event of it.
    Stub,
    /// All of it.
    Full,
}

impl Primaries {
    /// What this secondary needs of an object: all of one that is related to a primary, or to one that may yet appear since
    /// the watch of the owners' kind, at `passed`, lags behind. `decoded`: the names that stand in the object are known.
    pub(crate) fn claims(&self, secondary: usize, meta: &RawMeta, decoded: bool, passed: Option<Rv>) -> Claim {
        let slot = &self.slots[secondary];
        if let Relation::Named { typed: true, .. } = slot.relation
            && !decoded
        {
            return Claim::Full;
        }
        let anchors = slot.relation.anchors(&meta.key, &meta.owners, &meta.names);
        // Where nobody can tell whether the watch lags, it may.
        let lags = passed.zip(meta.comparable()).is_none_or(|(passed, rv)| passed < rv);
        let full = |anchor: &Anchor| {
            !self.at(secondary, anchor, &meta.key).is_empty()
                || self.awaits(secondary, anchor, lags && holds(Rule::Parked))
        };
        match anchors.iter().any(full) {
            true => Claim::Full,
            false if self.keeps_stub(secondary, meta) => Claim::Stub,
            false => Claim::Nothing,
        }
    }

    /// Whether this secondary wants to know that an object exists which nobody is related to.
    pub(crate) fn keeps_stub(&self, secondary: usize, meta: &RawMeta) -> bool {
        let slot = &self.slots[secondary];
        slot.keeps_stubs
            && !slot.relation.anchors(&meta.key, &meta.owners, &meta.names).is_empty()
            && holds(Rule::Stubs)
    }

    /// The owners of an object by which it may come to be related.
    pub(crate) fn owners(&self, secondary: usize, meta: &RawMeta) -> Vec<Uid> {
        match &self.slots[secondary].relation {
            Relation::Owned(owners) | Relation::Through { owners, .. } if self.slots[secondary].keeps_stubs => {
                owners.uids(&meta.owners).collect()
            }
            _ => Vec::new(),
        }
    }

    /// Whether what hangs from this anchor under this key is related to a primary.
    pub(crate) fn is_reached(&self, secondary: usize, anchor: &Anchor, key: &Key) -> bool {
        !self.at(secondary, anchor, key).is_empty()
    }

    /// Whether this object is related to a primary or waits for one.
    pub(crate) fn holds(&self, secondary: usize, record: &Record) -> bool {
        let held = |anchor: &Anchor| {
            !self.at(secondary, anchor, &record.key).is_empty()
                || self.slots[secondary].is_waiting_at(anchor, &record.key)
        };
        self.anchors(secondary, record).iter().any(held)
    }

    /// Whether this object is related to the primary with this uid.
    pub(crate) fn is_related(&self, secondary: usize, record: &Record, primary: Uid) -> bool {
        self.by_uid.get(&primary).is_some_and(|id| self.holders(secondary, record).contains(id))
    }

    /// An object of a secondary kind appeared, changed or vanished.
    pub(crate) fn secondary_changed(&mut self, secondary: usize, change: &Change, effects: &mut Vec<Effect>) {
        let held = change.old.as_ref().map(|old| self.holders(secondary, old)).unwrap_or_default();
        let waited = change.old.as_ref().filter(|old| self.unwait(secondary, old)).map(|old| old.uid);
        let holders = change.new.as_ref().map(|new| self.holders(secondary, new)).unwrap_or_default();
        // First where it comes to: what is related through it goes along.
        if let Some(new) = &change.new {
            self.place(secondary, new, effects);
        }
        // Of those that very many refer to, most changes leave the referrers as they are.
        if held != holders {
            for id in held.into_iter().filter(|id| !holders.contains(id)) {
                self.detach(secondary, id, &change.key, effects);
            }
        }
        if let Some(uid) = waited {
            self.unpark(secondary, uid, effects);
        }
    }

    /// An object that is in the cache already, and that somebody is related to from now on.
    pub(crate) fn found(&mut self, secondary: usize, record: &Arc<Record>, effects: &mut Vec<Effect>) {
        self.unwait(secondary, record);
        self.place(secondary, record, effects);
        self.unpark(secondary, record.uid, effects);
    }

    /// The watch that shows the owners of this secondary has come this far: who waits for an older one waits in vain.
    pub(crate) fn passed(&mut self, secondary: usize, passed: Rv, effects: &mut Vec<Effect>) {
        if !matches!(self.slots[secondary].relation, Relation::Owned(_) | Relation::Through { .. }) {
            return;
        }
        self.slots[secondary].passed = passed;
        while let Some(uid) = self.slots[secondary].next_in_vain() {
            if !holds(Rule::ParkedUntilPassed) {
                continue;
            }
            for record in self.slots[secondary].take_waiting(&Anchor::Owner(uid)) {
                // It may wait for something else, or for the same a little longer.
                self.settle(secondary, &record, true, effects);
                self.unpark(secondary, record.uid, effects);
            }
        }
    }

    /// Relates everything that has waited at this anchor, at which a primary is now.
    pub(super) fn gather(&mut self, secondary: usize, anchor: Anchor, effects: &mut Vec<Effect>) {
        for record in self.slots[secondary].take_waiting(&anchor) {
            self.unwait(secondary, &record);
            self.place(secondary, &record, effects);
            self.unpark(secondary, record.uid, effects);
        }
        if self.slots[secondary].keeps_stubs {
            effects.push(Effect::Reaches { secondary, anchor });
        }
    }

    /// Puts an object before all primaries that it is related to; if there are none, it waits for one or is let go.
    fn place(&mut self, secondary: usize, record: &Arc<Record>, effects: &mut Vec<Effect>) {
        for id in self.holders(secondary, record) {
            self.attach(secondary, id, record, effects);
        }
        self.settle(secondary, record, true, effects);
    }

    /// Has an object wait wherever a primary may come, and lets go of it if nobody is related to it and it does not
    /// wait. `fresh`: what it hangs from may be newer than what its watch has shown.
    pub(super) fn settle(&mut self, secondary: usize, record: &Arc<Record>, fresh: bool, effects: &mut Vec<Effect>) {
        let until = waits_until(record);
        let lags = fresh && until > self.slots[secondary].passed && holds(Rule::Parked);
        let until = Some(until).filter(|_| lags);
        let mut held = false;
        for anchor in self.anchors(secondary, record) {
            if !self.at(secondary, &anchor, &record.key).is_empty()
                || self.slots[secondary].is_waiting_at(&anchor, &record.key)
            {
                held = true;
            } else if self.awaits(secondary, &anchor, lags) {
                held = true;
                self.slots[secondary].wait(anchor, until, record.clone());
            }
        }
        if !held {
            effects.push(Effect::Released { secondary, key: record.key.clone() });
        }
    }

    /// Whether what hangs from this anchor, at which no primary is, is to be kept for one that may come. `lags`: the watch
    /// of the owners' kind has not come so far that it would have shown the owner.
    fn awaits(&self, secondary: usize, anchor: &Anchor, lags: bool) -> bool {
        match (&self.slots[secondary].relation, anchor) {
            (Relation::Named { .. }, _) => true,
            (Relation::Owned(_), Anchor::Owner(uid)) => lags && !self.by_uid.contains_key(uid),
            (Relation::Through { parent, .. }, Anchor::Owner(uid)) => {
                let parent = &self.slots[*parent];
                parent.waits(*uid) && holds(Rule::ParkedWithParent) || lags && !parent.has_member(*uid)
            }
            _ => false,
        }
    }

    /// The primaries at an anchor, for an object with this key.
    fn at(&self, secondary: usize, anchor: &Anchor, key: &Key) -> Vec<EntryId> {
        match (&self.slots[secondary].relation, anchor) {
            (Relation::Owned(owners), Anchor::Owner(uid)) => {
                let near = |id: &EntryId| self.entry(*id).is_some_and(|entry| owners.allows(&entry.key, key));
                self.by_uid.get(uid).copied().filter(near).into_iter().collect()
            }
            (Relation::Through { parent, owners }, Anchor::Owner(uid)) => {
                self.slots[*parent].holders(*uid, |parent| owners.allows(parent, key)).to_vec()
            }
            (Relation::Named { .. }, Anchor::Name(name)) => self.occupied(name).into_iter().collect(),
            (Relation::Referenced { .. }, Anchor::Name(name)) => self.slots[secondary].referrers(name).to_vec(),
            _ => Vec::new(),
        }
    }

    fn anchors(&self, secondary: usize, record: &Record) -> Vec<Anchor> {
        self.slots[secondary].relation.anchors(&record.key, &record.owners, &record.names)
    }

    /// All primaries that an object is related to.
    fn holders(&self, secondary: usize, record: &Record) -> Vec<EntryId> {
        let anchors = self.anchors(secondary, record);
        if let [anchor] = &anchors[..] {
            return self.at(secondary, anchor, &record.key);
        }
        let mut holders: Vec<EntryId> = Vec::new();
        for anchor in anchors {
            for id in self.at(secondary, &anchor, &record.key) {
                if !holders.contains(&id) {
                    holders.push(id);
                }
            }
        }
        holders
    }

    /// Has an object wait no longer, wherever it does; whether it did.
    fn unwait(&mut self, secondary: usize, record: &Record) -> bool {
        let mut waited = false;
        for anchor in self.anchors(secondary, record) {
            waited |= self.slots[secondary].unwait(&anchor, &record.key);
        }
        waited
    }

    fn attach(&mut self, secondary: usize, id: EntryId, record: &Arc<Record>, effects: &mut Vec<Effect>) {
        let projection = self.layout.projections[secondary + 1];
        let Some(primary) = self.primary_mut(id) else { return };
        let old = put(&mut primary.secondaries[secondary], &record.key, Some(record.clone()));
        let other = old.as_ref().filter(|old| old.uid != record.uid).cloned();
        if let Some(other) = &other {
            primary.forget_applied(secondary, other.uid);
        }
        let [before, after] =
            [old.as_ref(), Some(record)].map(|record| record.map_or(0, |r| r.fingerprints[projection]));
        primary.fingerprints.shift(secondary + 1, before, after);
        // A write that is of no interest must not prolong the wait for further changes.
        let moved = before != after;
        effects.push(if moved { Effect::Moved { id, edited: false } } else { Effect::Unmoved(id) });
        if let Some(other) = &other {
            self.left(secondary, id, other, effects);
        }
        if old.is_none() || other.is_some() {
            self.joined(secondary, id, record, effects);
        }
    }

    /// Takes an object from before a primary; returns what was there.
    pub(super) fn detach(
        &mut self,
        secondary: usize,
        id: EntryId,
        key: &Key,
        effects: &mut Vec<Effect>,
    ) -> Option<Arc<Record>> {
        let projection = self.layout.projections[secondary + 1];
        let primary = self.primary_mut(id)?;
        let old = put(&mut primary.secondaries[secondary], key, None)?;
        primary.forget_applied(secondary, old.uid);
        primary.fingerprints.shift(secondary + 1, old.fingerprints[projection], 0);
        effects.push(Effect::Moved { id, edited: false });
        self.left(secondary, id, &old, effects);
        Some(old)
    }

    /// An object is related to this primary from now on: so are those that are related through it.
    fn joined(&mut self, secondary: usize, id: EntryId, parent: &Record, effects: &mut Vec<Effect>) {
        if self.slots[secondary].children.is_empty() {
            return;
        }
        let other = self.slots[secondary].join(parent, id);
        for &child in self.slots[secondary].children.clone().iter() {
            for record in other.map(|other| self.children(child, other, parent.uid)).unwrap_or_default() {
                self.attach(child, id, &record, effects);
            }
            self.gather(child, Anchor::Owner(parent.uid), effects);
        }
    }

    /// An object is not related to this primary any more: nor are those that are related through it, unless through another.
    fn left(&mut self, secondary: usize, id: EntryId, parent: &Record, effects: &mut Vec<Effect>) {
        if self.slots[secondary].children.is_empty() {
            return;
        }
        self.slots[secondary].leave(parent.uid, id);
        for &child in self.slots[secondary].children.clone().iter() {
            for record in self.children(child, id, parent.uid) {
                if !self.holders(child, &record).contains(&id) {
                    self.detach(child, id, &record.key, effects);
                }
                self.settle(child, &record, false, effects);
            }
        }
    }

    /// Nobody waits for this parent through itself any more: it is related to somebody now, or nobody's.
    fn unpark(&mut self, secondary: usize, uid: Uid, effects: &mut Vec<Effect>) {
        if self.slots[secondary].waits(uid) || self.slots[secondary].has_member(uid) {
            return;
        }
        for &child in self.slots[secondary].children.clone().iter() {
            for record in self.slots[child].take_waiting(&Anchor::Owner(uid)) {
                self.settle(child, &record, true, effects);
                self.unpark(child, record.uid, effects);
            }
        }
    }

    /// What a primary has of a secondary that hangs from this parent.
    fn children(&self, secondary: usize, id: EntryId, parent: Uid) -> Vec<Arc<Record>> {
        let hangs = |record: &&Arc<Record>| self.anchors(secondary, record).contains(&Anchor::Owner(parent));
        let records = self.primary(id).map(|primary| primary.secondaries[secondary].clone()).unwrap_or_default();
        records.iter().filter(hangs).cloned().collect()
    }
}

/// When an object without its owner waits in vain: when the watch of the owner's kind has come so far. Where versions
/// cannot be compared, never.
fn waits_until(record: &Record) -> Rv {
    record.comparable().unwrap_or(Rv(u64::MAX))
}

#[cfg(test)]
#[path = "relate_tests.rs"]
mod tests;
