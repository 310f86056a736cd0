//! What a cache keeps of objects that nobody is related to, and that somebody may be related to some day without another event
//! of theirs: what a primary may come to refer to, what belongs to an owner that may become ours.

use std::collections::HashMap;
use std::hash::{BuildHasher, Hash, RandomState};

use hashbrown::HashTable;
use rustc_hash::{FxBuildHasher, FxHashMap};

use super::key::{Key, Rv, Uid};
use super::raw::RawMeta;

/// That an object exists, in which version, and who owns it.
#[derive(Debug)]
pub(crate) struct Stub {
    uid: Uid,
    rv: Rv,
    /// The owner that counts to somebody, if there is one and no other; see [`Entry`].
    owner: Uid,
    readers: Readers,
    rest: Rest,
}

/// What is kept of each of them. There may be very many: their bytes count, and these are 64.
#[derive(Debug)]
struct Entry {
    key: Key,
    uid: Uid,
    /// The only owner that counts to somebody.
    owner: Uid,
    rv: Rv,
    /// To whom it does; to nobody if there is none, or more than one.
    readers: Readers,
    /// The place of another stub with the same owner.
    next: u32,
}

/// What most of them lack.
#[derive(Debug, Default, PartialEq)]
struct Rest {
    /// The version where it is no number.
    opaque: Option<Box<str>>,
    /// The owners that count, if there are several.
    owners: Box<[(Uid, Readers)]>,
    /// The API server has been asked, and has not found it: its watch will say so, too.
    gone: bool,
}

/// What is known of an object by its stub.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Known<'a> {
    pub(crate) uid: Uid,
    pub(crate) rv: Rv,
    owner: Uid,
    readers: Readers,
    rest: Option<&'a Rest>,
}

/// The end of the stubs of one owner.
const NONE: u32 = u32::MAX;

impl Stub {
    /// `owners`: those that count to somebody, each with whom.
    pub(crate) fn of(meta: &RawMeta, owners: Vec<(Uid, Readers)>) -> Self {
        let ((owner, readers), owners) = match owners[..] {
            [one] => (one, Vec::new()),
            _ => ((Uid(0), Readers(0)), owners),
        };
        let rest = Rest { opaque: meta.opaque.clone(), owners: owners.into(), gone: false };
        Self { uid: meta.uid, rv: meta.rv, owner, readers, rest }
    }
}

impl Entry {
    /// The only owner that counts.
    fn owner(&self) -> Option<Uid> {
        (self.readers != Readers(0)).then_some(self.owner)
    }
}

impl Known<'_> {
    /// Whether this is the version that it stands for.
    pub(super) fn is_of(&self, meta: &RawMeta) -> bool {
        let opaque = self.rest.and_then(|rest| rest.opaque.as_ref());
        opaque == meta.opaque.as_ref() && (opaque.is_some() || self.rv == meta.rv)
    }

    /// Whether the API server has said that it is gone.
    pub(super) fn is_gone(&self) -> bool {
        self.rest.is_some_and(|rest| rest.gone)
    }

    /// Whether it hangs from this owner to this reader.
    pub(super) fn hangs(&self, owner: Uid, reader: Readers) -> bool {
        let is_there = |&(uid, readers): &(Uid, Readers)| uid == owner && readers.0 & reader.0 != 0;
        is_there(&(self.owner, self.readers)) || self.owners().iter().any(is_there)
    }

    /// The owners that count, if there are several.
    fn owners(&self) -> &[(Uid, Readers)] {
        self.rest.map_or(&[], |rest| &rest.owners)
    }

    fn has_owners_of(&self, stub: &Stub) -> bool {
        (self.owner, self.readers, self.owners()) == (stub.owner, stub.readers, &stub.rest.owners)
    }
}

/// Some of the readers of a cache, by their place; of very many, the last share one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Readers(u32);

impl Readers {
    pub(crate) fn one(place: usize) -> Self {
        Self(1 << place.min(31))
    }

    pub(crate) fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

/// Has a table give back memory that it held for many entries, now that it holds few: at a start, all objects that wait for
/// their owners pass through.
pub(super) fn give_back<K: Eq + Hash, V, S: BuildHasher>(table: &mut HashMap<K, V, S>) {
    if table.capacity() > 1024 && table.len() < table.capacity() / 8 {
        table.shrink_to(2 * table.len());
    }
}

/// Keys by the owners of their objects.
#[derive(Debug, Default)]
pub(super) struct ByOwner(FxHashMap<Uid, Vec<Key>>);

impl ByOwner {
    pub(super) fn of(&self, owner: Uid) -> &[Key] {
        self.0.get(&owner).map_or(&[], |keys| keys)
    }

    pub(super) fn insert(&mut self, owners: impl Iterator<Item = Uid>, key: &Key) {
        owners.for_each(|owner| self.0.entry(owner).or_default().push(key.clone()));
    }

    pub(super) fn remove(&mut self, owners: impl Iterator<Item = Uid>, key: &Key) {
        for owner in owners {
            if let Some(keys) = self.0.get_mut(&owner) {
                keys.retain(|other| other != key);
                if keys.is_empty() {
                    self.0.remove(&owner);
                }
            }
        }
        give_back(&mut self.0);
    }
}

/// The stubs of one cache, by key and by owner.
#[derive(Debug, Default)]
pub(crate) struct Stubs {
    /// All of them, in no order.
    all: Vec<Entry>,
    /// What more is known of few.
    rest: HashMap<Key, Rest>,
    /// The place of each.
    by_key: HashTable<u32>,
    /// The place of one of those that have one owner, for each owner. It names the place of the next one.
    by_owner: HashTable<u32>,
    /// Those that have several.
    shared: ByOwner,
    hasher: RandomState,
    /// Those that have changed since they were taken last.
    changed: Vec<Key>,
}

impl Stubs {
    pub(crate) fn get(&self, key: &Key) -> Option<Known<'_>> {
        self.place(key).map(|place| self.known(self.entry(place)))
    }

    /// The keys of all that this one owns.
    pub(crate) fn of_owner(&self, owner: Uid) -> impl Iterator<Item = &Key> {
        let first = self.by_owner.find(FxBuildHasher.hash_one(owner), |&place| self.entry(place).owner == owner);
        let next = |place: &u32| Some(self.entry(*place).next).filter(|next| *next != NONE);
        let chain = std::iter::successors(first.copied(), next);
        chain.map(|place| &self.entry(place).key).chain(self.shared.of(owner))
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    #[cfg(any(test, feature = "server"))]
    pub(crate) fn len(&self) -> usize {
        self.all.len()
    }

    pub(super) fn insert(&mut self, key: Key, stub: Stub) {
        self.changed.push(key.clone());
        if let Some(place) = self.place(&key) {
            if self.known(self.entry(place)).has_owners_of(&stub) {
                let Stub { uid, rv, rest, .. } = stub;
                let entry = &mut self.all[place as usize];
                (entry.uid, entry.rv) = (uid, rv);
                self.note(&key, rest);
                return;
            }
            self.remove(&key);
        }
        // There are never so many that a place would not fit.
        let place = self.all.len() as u32;
        if self.all.len() == self.all.capacity() {
            self.all.reserve_exact(self.all.len() / 8 + 16);
        }
        let Stub { uid, rv, owner, readers, rest } = stub;
        self.shared.insert(rest.owners.iter().map(|(uid, _)| *uid), &key);
        self.note(&key, rest);
        self.all.push(Entry { key, uid, owner, rv, readers, next: NONE });
        let Self { all, by_key, hasher, .. } = self;
        let hash = |&place: &u32| hasher.hash_one(&all[place as usize].key);
        by_key.insert_unique(hash(&place), place, hash);
        self.link(place);
    }

    pub(super) fn remove(&mut self, key: &Key) {
        let Some(place) = self.place(key) else { return };
        self.unlink(place);
        // The last one takes its place.
        let last = self.all.len() as u32 - 1;
        if last != place {
            self.unlink(last);
        }
        let Self { all, by_key, hasher, .. } = self;
        if let Ok(entry) = by_key.find_entry(hasher.hash_one(key), |&other| other == place) {
            entry.remove();
        }
        let Entry { key, .. } = all.swap_remove(place as usize);
        if last != place {
            let hash = hasher.hash_one(&all[place as usize].key);
            if let Some(moved) = by_key.find_mut(hash, |&other| other == last) {
                *moved = place;
            }
            self.link(place);
        }
        if let Some(rest) = self.rest.remove(&key) {
            self.shared.remove(rest.owners.iter().map(|(uid, _)| *uid), &key);
        }
        self.changed.push(key);
        self.give_back();
    }

    pub(super) fn set_gone(&mut self, key: &Key) {
        if self.place(key).is_some() {
            self.rest.entry(key.clone()).or_default().gone = true;
            self.changed.push(key.clone());
        }
    }

    pub(super) fn retain(&mut self, stays: impl Fn(&Key, Uid) -> bool) {
        let over = self.all.iter().filter(|entry| !stays(&entry.key, entry.uid)).map(|entry| entry.key.clone());
        over.collect::<Vec<_>>().iter().for_each(|key| self.remove(key));
    }

    pub(super) fn take_changed(&mut self) -> Vec<Key> {
        std::mem::take(&mut self.changed)
    }

    fn place(&self, key: &Key) -> Option<u32> {
        self.by_key.find(self.hasher.hash_one(key), |&place| self.entry(place).key == *key).copied()
    }

    fn entry(&self, place: u32) -> &Entry {
        &self.all[place as usize]
    }

    fn known(&self, entry: &Entry) -> Known<'_> {
        let &Entry { ref key, uid, owner, rv, readers, .. } = entry;
        Known { uid, rv, owner, readers, rest: self.rest.get(key) }
    }

    fn note(&mut self, key: &Key, rest: Rest) {
        if rest == Rest::default() {
            self.rest.remove(key);
        } else {
            self.rest.insert(key.clone(), rest);
        }
    }

    /// Has a stub be found by its only owner, if it has one.
    fn link(&mut self, place: u32) {
        let Self { all, by_owner, .. } = self;
        let Some(owner) = all[place as usize].owner() else { return };
        let of = |place: &u32| all[*place as usize].owner;
        let hash = FxBuildHasher.hash_one(owner);
        let next = match by_owner.find_mut(hash, |first| of(first) == owner) {
            Some(first) => std::mem::replace(first, place),
            None => {
                by_owner.insert_unique(hash, place, |place| FxBuildHasher.hash_one(of(place)));
                NONE
            }
        };
        self.all[place as usize].next = next;
    }

    /// Has it be found so no longer.
    fn unlink(&mut self, place: u32) {
        let Self { all, by_owner, .. } = self;
        let Entry { next, .. } = all[place as usize];
        let Some(owner) = all[place as usize].owner() else { return };
        let first = by_owner.find_entry(FxBuildHasher.hash_one(owner), |&first| all[first as usize].owner == owner);
        let Ok(mut first) = first else { return };
        let mut before = *first.get();
        if before != place {
            while let Some(entry) = all.get_mut(before as usize) {
                before = entry.next;
                if before == place {
                    entry.next = next;
                }
            }
        } else if next == NONE {
            first.remove();
        } else {
            *first.get_mut() = next;
        }
    }

    /// As [`give_back`].
    fn give_back(&mut self) {
        let Self { all, rest, by_key, by_owner, hasher, .. } = self;
        give_back(rest);
        if all.capacity() > 1024 && all.len() < all.capacity() / 8 {
            all.shrink_to(2 * all.len());
            by_key.shrink_to(2 * all.len(), |&place| hasher.hash_one(&all[place as usize].key));
            by_owner.shrink_to(2 * all.len(), |&place| FxBuildHasher.hash_one(all[place as usize].owner));
        }
    }
}

#[cfg(test)]
#[path = "stubs_tests.rs"]
mod tests;
