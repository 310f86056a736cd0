//! What a cache keeps of objects that nobody is related to, and that somebody may be related to some day without another event
//! of theirs: what a primary may come to refer to, what belongs to an owner that may become ours.

use std::collections::HashMap;
use std::hash::{BuildHasher, Hash};

use rustc_hash::FxHashMap;

use super::key::{Key, Rv, Uid};
use super::raw::RawMeta;

/// That an object exists, in which version, and who owns it. There may be very many of these.
#[derive(Debug)]
pub(crate) struct Stub {
    pub(crate) uid: Uid,
    pub(crate) rv: Rv,
    /// What most of them lack.
    rest: Option<Box<Rest>>,
}

#[derive(Debug, Default)]
struct Rest {
    /// The version where it is no number.
    opaque: Option<Box<str>>,
    owners: Box<[(Uid, Readers)]>,
    /// The API server has been asked, and has not found it: its watch will say so, too.
    gone: bool,
}

impl Stub {
    /// `owners`: those that count to somebody, each with whom.
    pub(crate) fn of(meta: &RawMeta, owners: Box<[(Uid, Readers)]>) -> Self {
        let rest = (!owners.is_empty() || meta.opaque.is_some())
            .then(|| Box::new(Rest { opaque: meta.opaque.clone(), owners, gone: false }));
        Self { uid: meta.uid, rv: meta.rv, rest }
    }

    /// Whether this is the version that it stands for.
    pub(super) fn is_of(&self, meta: &RawMeta) -> bool {
        let opaque = self.rest.as_ref().and_then(|rest| rest.opaque.as_ref());
        opaque == meta.opaque.as_ref() && (opaque.is_some() || self.rv == meta.rv)
    }

    /// Whether the API server has said that it is gone.
    pub(super) fn is_gone(&self) -> bool {
        self.rest.as_ref().is_some_and(|rest| rest.gone)
    }

    /// Whether it hangs from this owner to this reader.
    pub(super) fn hangs(&self, owner: Uid, reader: Readers) -> bool {
        self.owners().iter().any(|(uid, readers)| *uid == owner && readers.0 & reader.0 != 0)
    }

    fn owners(&self) -> &[(Uid, Readers)] {
        self.rest.as_ref().map_or(&[], |rest| &rest.owners)
    }

    fn uids(&self) -> impl Iterator<Item = Uid> {
        self.owners().iter().map(|(uid, _)| *uid)
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
    by_key: HashMap<Key, Stub>,
    by_owner: ByOwner,
    /// Those that have changed since they were taken last.
    changed: Vec<Key>,
}

impl Stubs {
    pub(crate) fn get(&self, key: &Key) -> Option<&Stub> {
        self.by_key.get(key)
    }

    /// The keys of all that this one owns.
    pub(crate) fn of_owner(&self, owner: Uid) -> &[Key] {
        self.by_owner.of(owner)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.by_key.is_empty()
    }

    #[cfg(any(test, feature = "server"))]
    pub(crate) fn len(&self) -> usize {
        self.by_key.len()
    }

    pub(super) fn insert(&mut self, key: Key, stub: Stub) {
        let same = self.by_key.get(&key).is_some_and(|old| old.owners() == stub.owners());
        if !same {
            self.remove(&key);
            self.by_owner.insert(stub.uids(), &key);
        }
        self.changed.push(key.clone());
        self.by_key.insert(key, stub);
    }

    pub(super) fn remove(&mut self, key: &Key) {
        let Some(stub) = self.by_key.remove(key) else { return };
        self.changed.push(key.clone());
        self.by_owner.remove(stub.uids(), key);
    }

    pub(super) fn set_gone(&mut self, key: &Key) {
        if let Some(stub) = self.by_key.get_mut(key) {
            stub.rest.get_or_insert_default().gone = true;
            self.changed.push(key.clone());
        }
    }

    pub(super) fn retain(&mut self, stays: impl Fn(&Key, &Stub) -> bool) {
        let over: Vec<Key> =
            self.by_key.iter().filter(|(key, stub)| !stays(key, stub)).map(|(key, _)| key.clone()).collect();
        over.iter().for_each(|key| self.remove(key));
    }

    pub(super) fn take_changed(&mut self) -> Vec<Key> {
        std::mem::take(&mut self.changed)
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{key, object};
    use super::*;

    #[test]
    fn stubs_are_found_by_key_and_by_owner() {
        let mut stubs = Stubs::default();
        let stub = |rv, owner| Stub::of(&object("n/a", 1, rv).meta(), [(Uid(owner), Readers::one(0))].into());
        stubs.insert(key("n/a"), stub(5, 7));
        stubs.insert(key("n/a"), stub(6, 7));
        assert_eq!((stubs.of_owner(Uid(7)), stubs.get(&key("n/a")).unwrap().rv), (&[key("n/a")][..], Rv(6)));
        stubs.insert(key("n/a"), stub(7, 8));
        assert_eq!((stubs.of_owner(Uid(7)).len(), stubs.of_owner(Uid(8)).len()), (0, 1));
        stubs.retain(|_, _| false);
        assert!(
            stubs.is_empty()
                && stubs.of_owner(Uid(8)).is_empty()
                && !stubs.take_changed().is_empty()
                && stubs.take_changed().is_empty()
        );
    }
}
