//! One secondary of an operator in the relation index: who waits for whom, and who refers to what.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::key::{Key, Rv, Uid};
use super::queue::EntryId;
use super::record::Record;
use super::relation::{Anchor, Layout, Relation};
use super::rules::{Rule, holds};
use super::stubs::give_back;

/// What the index knows of one secondary, beside what it puts before the primaries.
#[derive(Debug)]
pub(super) struct Slot {
    pub(super) relation: Relation,
    /// The secondaries that are related through this one.
    pub(super) children: Arc<[usize]>,
    /// An object that nobody is related to may become ours without an event of its own.
    pub(super) keeps_stubs: bool,
    /// How far the watch of the owners' kind has come, once it has come so far that nobody waits for older ones.
    pub(super) passed: Rv,
    /// Objects that hang from an anchor where no primary is.
    waiting: FxHashMap<Anchor, Vec<Arc<Record>>>,
    /// The owners that are waited for, each until the watch of their kind has come so far.
    order: BTreeSet<(Rv, Uid)>,
    /// How many anchors each object waits at; only where others are related through them.
    waits: FxHashMap<Uid, u32>,
    /// The primaries to which each object is related; only where others are related through them.
    members: FxHashMap<Uid, Member>,
    /// The primaries that refer to each name.
    referrers: HashMap<Key, Vec<EntryId>>,
}

/// An object that others are related through.
#[derive(Debug)]
struct Member {
    key: Key,
    holders: Vec<EntryId>,
}

impl Slot {
    pub(super) fn new(layout: &Layout, secondary: usize, narrowed: bool) -> Self {
        let relation = layout.relations[secondary].clone();
        let through = |&other: &usize| layout.relations[other].parent() == Some(secondary);
        let keeps_stubs = match relation {
            Relation::Owned(_) => narrowed && holds(Rule::StubsOfNarrowed),
            Relation::Through { .. } | Relation::Referenced { .. } => true,
            Relation::Named { .. } => false,
        };
        Self {
            relation,
            children: (0..layout.relations.len()).filter(through).collect(),
            keeps_stubs,
            passed: Rv::default(),
            waiting: FxHashMap::default(),
            order: BTreeSet::new(),
            waits: FxHashMap::default(),
            members: FxHashMap::default(),
            referrers: HashMap::new(),
        }
    }

    /// Has an object wait at an anchor; for an owner, `until` the watch of its kind has come so far, or as long as the owner
    /// waits itself.
    pub(super) fn wait(&mut self, anchor: Anchor, until: Option<Rv>, record: Arc<Record>) {
        if let (Anchor::Owner(uid), Some(until)) = (&anchor, until) {
            self.order.insert((until, *uid));
        }
        if !self.children.is_empty() {
            *self.waits.entry(record.uid).or_default() += 1;
        }
        self.waiting.entry(anchor).or_default().push(record);
    }

    /// Has an object wait no longer at an anchor; whether it did.
    pub(super) fn unwait(&mut self, anchor: &Anchor, key: &Key) -> bool {
        let Some(waiting) = self.waiting.get_mut(anchor) else { return false };
        let Some(i) = waiting.iter().position(|record| record.key == *key) else { return false };
        let record = waiting.swap_remove(i);
        if waiting.is_empty() {
            self.waiting.remove(anchor);
        }
        self.forget_wait(record.uid);
        true
    }

    /// Those who wait at an anchor, which do so no longer.
    pub(super) fn take_waiting(&mut self, anchor: &Anchor) -> Vec<Arc<Record>> {
        let records = self.waiting.remove(anchor).unwrap_or_default();
        give_back(&mut self.waiting);
        records.iter().for_each(|record| self.forget_wait(record.uid));
        records
    }

    pub(super) fn is_waiting_at(&self, anchor: &Anchor, key: &Key) -> bool {
        self.waiting.get(anchor).is_some_and(|waiting| waiting.iter().any(|record| record.key == *key))
    }

    /// Whether this incarnation waits, so that who hangs from it waits too.
    pub(super) fn waits(&self, uid: Uid) -> bool {
        self.waits.contains_key(&uid)
    }

    /// The next owner that is waited for in vain, now that the watch of its kind has come this far.
    pub(super) fn next_in_vain(&mut self) -> Option<Uid> {
        let (until, uid) = self.order.first().copied().filter(|(until, _)| *until <= self.passed)?;
        self.order.remove(&(until, uid));
        Some(uid)
    }

    fn forget_wait(&mut self, uid: Uid) {
        if let Some(count) = self.waits.get_mut(&uid) {
            *count -= 1;
            if *count == 0 {
                self.waits.remove(&uid);
            }
        }
    }

    /// The primaries to which the object with this uid is related, as far as something under `child` can hang from it.
    pub(super) fn holders(&self, uid: Uid, allows: impl Fn(&Key) -> bool) -> &[EntryId] {
        self.members.get(&uid).filter(|member| allows(&member.key)).map_or(&[], |member| &member.holders)
    }

    pub(super) fn has_member(&self, uid: Uid) -> bool {
        self.members.contains_key(&uid)
    }

    /// An object is related to this primary from now on. Returns another one to which it was before.
    pub(super) fn join(&mut self, record: &Record, id: EntryId) -> Option<EntryId> {
        let new = || Member { key: record.key.clone(), holders: Vec::new() };
        let member = self.members.entry(record.uid).or_insert_with(new);
        let other = member.holders.first().copied();
        member.holders.push(id);
        other
    }

    /// The object with this uid is not related to this primary any more.
    pub(super) fn leave(&mut self, uid: Uid, id: EntryId) {
        if let Some(member) = self.members.get_mut(&uid) {
            member.holders.retain(|holder| *holder != id);
            if member.holders.is_empty() {
                self.members.remove(&uid);
            }
        }
    }

    pub(super) fn referrers(&self, key: &Key) -> &[EntryId] {
        self.referrers.get(key).map_or(&[], |referrers| referrers)
    }

    pub(super) fn refer(&mut self, key: &Key, id: EntryId) {
        self.referrers.entry(key.clone()).or_default().push(id);
    }

    pub(super) fn unrefer(&mut self, key: &Key, id: EntryId) {
        if let Some(referrers) = self.referrers.get_mut(key) {
            referrers.retain(|referrer| *referrer != id);
            if referrers.is_empty() {
                self.referrers.remove(key);
            }
        }
    }

    /// Objects that wait for an owner, and what is kept to let go of them.
    #[cfg(test)]
    pub(super) fn waiting(&self) -> usize {
        let limited = |anchor: &Anchor| matches!(anchor, Anchor::Owner(_));
        let waiting = self.waiting.iter().filter(|(anchor, _)| limited(anchor)).map(|(_, records)| records.len());
        waiting.sum::<usize>().max(self.order.len())
    }
}
