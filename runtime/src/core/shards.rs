//! The cache of one kind, in one piece or one for each namespace that is watched.

use std::sync::Arc;

use super::cache::{Cache, Change, Event};
use super::key::{Key, Rv, Uid};
use super::record::Record;
use super::stubs::{Known, Stub};

/// A cache for each namespace that is asked for; or one alone, for all of them or for a cluster-scoped kind.
///
/// One watch of all namespaces may feed all of them, or each may have a watch of its own: an object is always in the cache of
/// its namespace, and objects of other namespaces are in none.
#[derive(Debug)]
pub(crate) struct Shards(Vec<(Option<Box<str>>, Cache)>);

impl Default for Shards {
    fn default() -> Self {
        Self(vec![(None, Cache::default())])
    }
}

impl Shards {
    /// One for each of these namespaces; one for everything if there are none.
    pub(crate) fn of(namespaces: &[String]) -> Self {
        if namespaces.is_empty() {
            return Self::default();
        }
        Self(namespaces.iter().map(|name| (Some(name.as_str().into()), Cache::default())).collect())
    }

    /// Takes in what a watch of all namespaces, or of one, reports.
    pub(crate) fn observe(&mut self, scope: Option<&str>, event: Event, changes: &mut Vec<Change>) {
        let (key, rv) = match &event {
            Event::Applied(record) => (record.key.clone(), record.rv),
            Event::Unwanted { key, rv, .. } | Event::Deleted { key, rv, .. } => (key.clone(), *rv),
            Event::Bookmark(rv) => return self.each(scope, |cache| cache.observe(Event::Bookmark(*rv), changes)),
            Event::ListBegin => return self.each(scope, |cache| cache.observe(Event::ListBegin, changes)),
            Event::ListEnd(rv) => return self.each(scope, |cache| cache.observe(Event::ListEnd(*rv), changes)),
        };
        let at = self.place(&key);
        if let Some(i) = at {
            self.0[i].1.observe(event, changes);
        }
        // One watch shows everything in the order of the versions.
        if scope.is_none() {
            for (_, (_, cache)) in self.0.iter_mut().enumerate().filter(|(i, _)| Some(*i) != at) {
                cache.observe(Event::Bookmark(rv), changes);
            }
        }
    }

    fn each(&mut self, scope: Option<&str>, mut tell: impl FnMut(&mut Cache)) {
        let of = |namespace: &Option<Box<str>>| scope.is_none() || namespace.as_deref() == scope || namespace.is_none();
        self.0.iter_mut().filter(|(namespace, _)| of(namespace)).for_each(|(_, cache)| tell(cache));
    }

    fn place(&self, key: &Key) -> Option<usize> {
        match &self.0[..] {
            [(None, _)] => Some(0),
            shards => shards.iter().position(|(namespace, _)| namespace.as_deref() == key.namespace()),
        }
    }

    fn at(&self, key: &Key) -> Option<&Cache> {
        Some(&self.0[self.place(key)?].1)
    }

    fn at_mut(&mut self, key: &Key) -> Option<&mut Cache> {
        let i = self.place(key)?;
        Some(&mut self.0[i].1)
    }

    /// Whether objects with this key are held here at all.
    pub(crate) fn covers(&self, key: &Key) -> bool {
        self.place(key).is_some()
    }

    /// Whether the first list of each is complete.
    pub(crate) fn is_complete(&self) -> bool {
        self.0.iter().all(|(_, cache)| cache.is_complete())
    }

    /// The newest version up to which everything has been reported by each; see [`Cache::horizon`].
    pub(crate) fn horizon(&self) -> Option<Rv> {
        self.0.iter().map(|(_, cache)| cache.horizon()).min().flatten()
    }

    /// The number of objects held.
    #[cfg(test)]
    pub(crate) fn len(&self) -> usize {
        self.0.iter().map(|(_, cache)| cache.len()).sum()
    }

    /// Each cache, with its namespace unless it is of all of them.
    #[cfg(any(test, feature = "server"))]
    pub(crate) fn iter(&self) -> impl Iterator<Item = (Option<&str>, &Cache)> {
        self.0.iter().map(|(namespace, cache)| (namespace.as_deref(), cache))
    }

    /// Whether this event shows only what an own write has been answered already.
    pub(crate) fn is_echo(&self, event: &Event) -> bool {
        match event {
            Event::Applied(record) => self.at(&record.key),
            Event::Deleted { key, .. } => self.at(key),
            _ => None,
        }
        .is_some_and(|cache| cache.is_echo(event))
    }

    /// What readers see under this key.
    pub(crate) fn view(&self, key: &Key) -> Option<&Arc<Record>> {
        self.at(key)?.view(key)
    }

    /// The answer of an own write. What is watched by nobody is not held.
    pub(crate) fn answered(&mut self, record: Arc<Record>, changes: &mut Vec<Change>) {
        if let Some(cache) = self.at_mut(&record.key) {
            cache.answered(record, changes);
        }
    }

    /// Call before an own delete is sent; [`Shards::delete_end`] must follow.
    pub(crate) fn delete_begin(&mut self, key: &Key, uid: Uid) {
        if let Some(cache) = self.at_mut(key) {
            cache.delete_begin(key, uid);
        }
    }

    /// The end of an own delete; see [`Cache::delete_end`].
    pub(crate) fn delete_end(&mut self, key: &Key, uid: Uid, deleted: bool, changes: &mut Vec<Change>) {
        if let Some(cache) = self.at_mut(key) {
            cache.delete_end(key, uid, deleted, changes);
        }
    }

    /// This incarnation is gone, who knows since when.
    pub(crate) fn vanished(&mut self, key: &Key, uid: Uid, changes: &mut Vec<Change>) {
        if let Some(cache) = self.at_mut(key) {
            cache.vanished(key, uid, changes);
        }
    }

    /// Forgets an object that nobody is related to any more; see [`Cache::release`].
    pub(crate) fn release(&mut self, key: &Key, stub: Option<Stub>) {
        if let Some(cache) = self.at_mut(key) {
            cache.release(key, stub);
        }
    }

    /// Whether nothing is known by a stub alone.
    pub(crate) fn has_no_stubs(&self) -> bool {
        self.0.iter().all(|(_, cache)| cache.stubs().is_empty())
    }

    /// The keys of all stubs that this one owns.
    pub(crate) fn stubs_of_owner(&self, owner: Uid) -> Vec<Key> {
        self.0.iter().flat_map(|(_, cache)| cache.stubs().of_owner(owner)).cloned().collect()
    }

    /// The keys of all that this one owns, seen by readers or known by a stub.
    pub(crate) fn of_owner(&self, owner: Uid) -> Vec<Key> {
        self.0.iter().flat_map(|(_, cache)| cache.of_owner(owner)).cloned().collect()
    }

    /// From now on, objects can be found by their owners.
    pub(crate) fn index_by_owner(&mut self) {
        self.0.iter_mut().for_each(|(_, cache)| cache.index_by_owner());
    }

    /// The keys of the stubs that have changed since they were taken last.
    pub(crate) fn take_changed_stubs(&mut self) -> Vec<Key> {
        self.0.iter_mut().flat_map(|(_, cache)| cache.take_changed_stubs()).collect()
    }

    /// The version of the object under this key, if readers see nothing of it that is as new as its stub.
    pub(crate) fn unresolved(&self, key: &Key) -> Option<Rv> {
        self.at(key)?.unresolved(key)
    }

    /// The answer to a question about an object of which there is a stub; see [`Cache::fetched`].
    pub(crate) fn fetched(&mut self, key: &Key, asked: Rv, found: Option<Record>, changes: &mut Vec<Change>) -> bool {
        self.at_mut(key).is_none_or(|cache| cache.fetched(key, asked, found, changes))
    }

    /// The API server does not serve the kind, in all namespaces or in one: another one may be asked about another.
    pub(crate) fn unserved(&mut self, scope: Option<&str>, changes: &mut Vec<Change>) {
        self.each(scope, |cache| cache.unserved(changes));
    }

    /// What is known of an object that nobody wants.
    pub(crate) fn stub(&self, key: &Key) -> Option<Known<'_>> {
        self.at(key)?.stubs().get(key)
    }

    /// The object is another one by now than its stub says, and nobody's.
    pub(crate) fn set_gone(&mut self, key: &Key) {
        if let Some(cache) = self.at_mut(key) {
            cache.set_gone(key);
        }
    }

    /// The only one.
    #[cfg(test)]
    pub(crate) fn only(&self) -> &Cache {
        assert_eq!(self.0.len(), 1);
        &self.0[0].1
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{key, object};
    use super::*;

    fn see(shards: &mut Shards, scope: Option<&str>, event: Event) {
        shards.observe(scope, event, &mut Vec::new());
    }

    fn applied(shards: &mut Shards, scope: Option<&str>, name: &str, rv: u64) {
        see(shards, scope, Event::Applied(object(name, u128::from(rv), rv).record()));
    }

    fn two() -> Shards {
        Shards::of(&["a".to_owned(), "b".to_owned()])
    }

    #[test]
    fn one_watch_of_all_namespaces_feeds_those_that_are_asked_for() {
        let mut shards = two();
        see(&mut shards, None, Event::ListBegin);
        ["a/x", "b/x", "c/x"].iter().zip(1..).for_each(|(name, rv)| applied(&mut shards, None, name, rv));
        see(&mut shards, None, Event::ListEnd(Rv(10)));
        assert!(shards.is_complete() && shards.len() == 2 && !shards.covers(&key("c/x")));
        // What happens elsewhere tells how far the watch has come.
        applied(&mut shards, None, "c/y", 20);
        assert_eq!(shards.horizon(), Some(Rv(20)));
        applied(&mut shards, None, "b/x", 21);
        assert_eq!((shards.horizon(), shards.view(&key("b/x")).unwrap().rv), (Some(Rv(21)), Rv(21)));
    }

    #[test]
    fn a_watch_of_each_namespace_tells_of_that_alone() {
        let mut shards = two();
        see(&mut shards, Some("a"), Event::ListBegin);
        applied(&mut shards, Some("a"), "a/x", 1);
        see(&mut shards, Some("a"), Event::ListEnd(Rv(10)));
        assert!(!shards.is_complete() && shards.horizon().is_none());
        see(&mut shards, Some("b"), Event::ListBegin);
        see(&mut shards, Some("b"), Event::ListEnd(Rv(8)));
        assert_eq!((shards.is_complete(), shards.horizon(), shards.len()), (true, Some(Rv(8)), 1));
        // A new list of one namespace takes nothing from another.
        see(&mut shards, Some("b"), Event::ListBegin);
        see(&mut shards, Some("b"), Event::ListEnd(Rv(30)));
        assert_eq!((shards.horizon(), shards.len()), (Some(Rv(10)), 1));
    }
}
