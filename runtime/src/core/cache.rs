//! The objects of one watch: what the watch has shown, with the answers of own writes laid over it.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use super::key::{Key, Rv, Uid};
use super::record::Record;
use super::rules::{Rule, holds};
use super::stubs::{ByOwner, Stub, Stubs};

/// What a watch reports, one step at a time.
#[derive(Debug)]
pub(crate) enum Event {
    /// The object exists in this version.
    Applied(Record),
    /// The object exists in this version, and nobody wants it; of some, a stub is kept.
    Unwanted { key: Key, uid: Uid, rv: Rv, stub: Option<Stub> },
    /// This incarnation of the object is gone.
    Deleted { key: Key, uid: Uid, rv: Rv },
    /// Everything up to this version has been reported.
    Bookmark(Rv),
    /// A list begins; the objects that follow are its items.
    ListBegin,
    /// The list, taken at this version, is complete: what it did not name does not exist.
    ListEnd(Rv),
}

/// What a reader of the cache now sees under a key, and what it saw before.
#[derive(Debug)]
pub(crate) struct Change {
    pub(crate) key: Key,
    pub(crate) old: Option<Arc<Record>>,
    pub(crate) new: Option<Arc<Record>>,
}

/// The state of one watch.
///
/// `view` is what readers see: the newer of what the watch has shown and what our own writes were answered, unless we
/// have deleted it ourselves.
#[derive(Debug, Default)]
pub(crate) struct Cache {
    objects: HashMap<Key, Arc<Record>>,
    /// The bytes of JSON that they came as.
    bytes: u64,
    /// What is known of objects that nobody wants, and may want some day.
    stubs: Stubs,
    /// What readers see, by owner; only where somebody looks for it so.
    by_owner: Option<ByOwner>,
    /// Answers of own writes that the watch has not passed yet, and their order by version.
    overlay: HashMap<Key, Arc<Record>>,
    overlay_order: BTreeSet<(Rv, Key)>,
    /// Own deletes that the watch has not shown yet.
    tombs: HashMap<Key, Tomb>,
    /// Own deletes without an answer yet.
    deletes: Vec<PendingDelete>,
    /// The newest version of an event, a bookmark or a complete list.
    passed: Rv,
    complete: bool,
    /// Its versions are no numbers, so that they cannot be compared with those of other kinds.
    opaque: bool,
    /// Keys of ours that the list in progress has named.
    listed: Option<HashSet<(Key, Uid)>>,
}

/// Hides the incarnation that we deleted, and any older one of that key that a lagging watch may still show.
#[derive(Debug)]
struct Tomb {
    uid: Uid,
    rv: Rv,
}

#[derive(Debug)]
struct PendingDelete {
    key: Key,
    uid: Uid,
    rv: Rv,
    /// The watch has shown its end before the answer came.
    gone: bool,
}

impl Cache {
    /// Whether the first list is complete.
    pub(crate) fn is_complete(&self) -> bool {
        self.complete
    }

    /// The newest version up to which everything has been reported.
    #[cfg(test)]
    pub(crate) fn passed(&self) -> Rv {
        self.passed
    }

    /// The same for a comparison with the versions of other kinds; `None` before the first list is complete, and where
    /// versions cannot be compared.
    pub(crate) fn horizon(&self) -> Option<Rv> {
        (self.complete && !self.opaque).then_some(self.passed)
    }

    /// The number of objects held.
    #[cfg(any(test, feature = "server"))]
    pub(crate) fn len(&self) -> usize {
        self.objects.len()
    }

    /// The bytes of JSON that the objects held came as.
    #[cfg(any(test, feature = "server"))]
    pub(crate) fn bytes(&self) -> u64 {
        self.bytes
    }

    /// The number of answers of own writes that the watch has not shown yet, and of own deletes.
    #[cfg(any(test, feature = "server"))]
    pub(crate) fn ahead(&self) -> usize {
        self.overlay.len() + self.tombs.len()
    }

    /// Whether this event shows only what an own write, or delete, has been answered already.
    pub(crate) fn is_echo(&self, event: &Event) -> bool {
        match event {
            Event::Applied(record) => {
                self.overlay.get(&record.key).is_some_and(|own| (own.uid, own.rv) == (record.uid, record.rv))
            }
            Event::Deleted { key, uid, .. } => self.tombs.get(key).is_some_and(|tomb| tomb.uid == *uid),
            _ => false,
        }
    }

    /// What readers see under this key.
    pub(crate) fn view(&self, key: &Key) -> Option<&Arc<Record>> {
        let record = match (self.objects.get(key), self.overlay.get(key)) {
            (Some(object), Some(overlay)) if overlay.rv > object.rv || !holds(Rule::NewerOfBoth) => overlay,
            (Some(object), _) => object,
            (None, Some(overlay)) => overlay,
            (None, None) => return None,
        };
        let hides = |tomb: &Tomb| {
            let (same, older) = (record.uid == tomb.uid, record.rv <= tomb.rv);
            same && holds(Rule::TombHidesUid) || older && holds(Rule::TombHidesOlder)
        };
        let hidden = self.tombs.get(key).is_some_and(hides);
        (!hidden).then_some(record)
    }

    /// Whether the cache holds anything under this key, seen by readers or not.
    pub(crate) fn holds(&self, key: &Key) -> bool {
        self.objects.contains_key(key)
            || self.overlay.contains_key(key)
            || self.tombs.contains_key(key)
            || self.stubs.get(key).is_some()
    }

    /// Takes in what the watch reports; `changes` receives what readers now see differently.
    pub(crate) fn observe(&mut self, event: Event, changes: &mut Vec<Change>) {
        match event {
            Event::Applied(record) => {
                let rv = record.rv;
                self.opaque |= record.opaque.is_some();
                self.name(&record.key, record.uid);
                self.stubs.remove(&record.key);
                self.change(record.key.clone(), changes, |cache| {
                    cache.put(Arc::new(record));
                });
                self.advance(rv, changes);
            }
            Event::Unwanted { key, uid, rv, stub } => {
                let kept = stub.is_some();
                match stub {
                    Some(stub) => self.stubs.insert(key.clone(), stub),
                    None => self.stubs.remove(&key),
                }
                if kept || self.holds(&key) || !self.deletes.is_empty() {
                    self.name(&key, uid);
                    self.change(key.clone(), changes, |cache| {
                        cache.take(&key);
                        cache.drop_overtaken(&key, rv);
                    });
                }
                self.advance(rv, changes);
            }
            Event::Deleted { key, uid, rv } => {
                self.gone(|delete| delete.uid == uid && holds(Rule::GoneByEvent));
                if self.stubs.get(&key).is_some_and(|stub| stub.uid == uid) {
                    self.stubs.remove(&key);
                }
                self.change(key.clone(), changes, |cache| cache.end(&key, uid, rv));
                self.advance(rv, changes);
            }
            Event::Bookmark(rv) if holds(Rule::BookmarksPass) => self.advance(rv, changes),
            Event::Bookmark(_) => {}
            Event::ListBegin => self.listed = Some(HashSet::new()),
            Event::ListEnd(rv) => self.list_end(rv, changes),
        }
    }

    /// The answer of an own write. Seen by readers at once, unless the watch is already past it.
    pub(crate) fn answered(&mut self, record: Arc<Record>, changes: &mut Vec<Change>) {
        let key = record.key.clone();
        let newer = |overlay: &Arc<Record>| overlay.rv >= record.rv && holds(Rule::OverlayNewest);
        let passed = record.rv <= self.passed && holds(Rule::OverlayAhead);
        if passed || self.overlay.get(&key).is_some_and(newer) || !holds(Rule::Overlay) {
            return;
        }
        self.change(key.clone(), changes, |cache| {
            cache.drop_overlay(&key);
            cache.overlay_order.insert((record.rv, key.clone()));
            cache.overlay.insert(key, record);
        });
    }

    /// Call before an own delete is sent; [`Cache::delete_end`] must follow.
    pub(crate) fn delete_begin(&mut self, key: &Key, uid: Uid) {
        let rv = self.newest(key, uid);
        // Another delete of it may be in flight, and may have missed the end that this one cannot see any more.
        let gone = self.deletes.iter().any(|delete| delete.uid == uid && delete.gone) && holds(Rule::GoneForAll);
        self.deletes.push(PendingDelete { key: key.clone(), uid, rv, gone });
    }

    /// The end of an own delete. `deleted`: the answer says that nothing is left. Readers no longer see the object then,
    /// although the watch has yet to show its end.
    pub(crate) fn delete_end(&mut self, key: &Key, uid: Uid, deleted: bool, changes: &mut Vec<Change>) {
        let Some(i) = self.deletes.iter().position(|delete| delete.uid == uid && delete.key == *key) else { return };
        let delete = self.deletes.swap_remove(i);
        if !deleted || delete.gone || !holds(Rule::Tombs) {
            return;
        }
        self.change(key.clone(), changes, |cache| {
            let rv = cache.newest(key, uid).max(delete.rv);
            // The overlay of a newer incarnation stays: it is the answer to somebody else's write.
            let spared = |record: &Record| record.uid != uid && record.rv > rv && holds(Rule::TombSparesNewer);
            if cache.overlay.get(key).is_some_and(|record| !spared(record)) && holds(Rule::TombDropsOverlay) {
                cache.drop_overlay(key);
            }
            cache.tombs.insert(key.clone(), Tomb { uid, rv });
        });
    }

    /// This incarnation is gone, who knows since when. If the watch has not shown its end yet, readers must not go on seeing
    /// it; if it has, there is nothing to hide, and nothing would end the hiding.
    pub(crate) fn vanished(&mut self, key: &Key, uid: Uid, changes: &mut Vec<Change>) {
        if self.view(key).is_some_and(|record| record.uid == uid) || !holds(Rule::TombOnlyForSeen) {
            self.delete_begin(key, uid);
            self.delete_end(key, uid, true, changes);
        }
    }

    /// The API server does not serve the kind: there is nothing of it, whatever our own writes were answered.
    pub(crate) fn unserved(&mut self, changes: &mut Vec<Change>) {
        self.listed = Some(HashSet::new());
        self.list_end(self.passed, changes);
        self.drop_overlays(Rv(u64::MAX), changes);
        self.tombs.clear();
        self.gone(|_| true);
    }

    /// Drops an answer that a list in progress has overtaken: it must not come to light when what the list shows is nobody's.
    fn drop_overtaken(&mut self, key: &Key, rv: Rv) {
        if self.overlay.get(key).is_some_and(|overlay| overlay.rv <= rv) && holds(Rule::OvertakenDropped) {
            self.drop_overlay(key);
        }
    }

    /// The newest version of this incarnation that is known here.
    fn newest(&self, key: &Key, uid: Uid) -> Rv {
        let known = [self.objects.get(key), self.overlay.get(key)];
        known.into_iter().flatten().filter(|record| record.uid == uid).map(|record| record.rv).max().unwrap_or_default()
    }

    fn list_end(&mut self, rv: Rv, changes: &mut Vec<Change>) {
        let listed = self.listed.take().unwrap_or_default();
        let lacks = |key: &Key, uid: Uid| !listed.contains(&(key.clone(), uid));
        self.gone(|delete| {
            let newer = delete.rv <= rv || !holds(Rule::GoneByNewerList);
            newer && lacks(&delete.key, delete.uid) && holds(Rule::GoneByList)
        });
        let dead = |key: &Key, tomb: &Tomb| {
            let newer = tomb.rv <= rv || !holds(Rule::TombOutlivesOldLists);
            newer && lacks(key, tomb.uid) && holds(Rule::TombEndsByList)
        };
        let mut over: Vec<Key> =
            self.tombs.iter().filter(|(key, tomb)| dead(key, tomb)).map(|(key, _)| key.clone()).collect();
        let vanished = self.objects.iter().filter(|(key, record)| lacks(key, record.uid) && holds(Rule::ListsRemove));
        let mut vanished: Vec<Key> = vanished.map(|(key, _)| key.clone()).collect();
        // A fixed order of wake-ups, so that a history can be replayed.
        vanished.sort();
        over.sort();
        for key in vanished {
            self.change(key.clone(), changes, |cache| {
                cache.take(&key);
            });
        }
        self.stubs.retain(|key, uid| listed.contains(&(key.clone(), uid)) || !holds(Rule::ListsRemove));
        for key in over {
            self.change(key.clone(), changes, |cache| {
                cache.tombs.remove(&key);
            });
        }
        self.complete = true;
        if !holds(Rule::OverlayOutlivesLists) {
            self.drop_overlays(Rv(u64::MAX), changes);
        }
        if holds(Rule::ListsPass) {
            self.advance(rv, changes);
        }
    }

    /// Notes that a list in progress names this incarnation.
    fn name(&mut self, key: &Key, uid: Uid) {
        if let Some(listed) = &mut self.listed {
            listed.insert((key.clone(), uid));
        }
    }

    /// The watch shows the end of an incarnation. Within a streaming list that is not yet past the end, an answer that comes
    /// late could still bring it back; so it stays hidden until the list is complete.
    fn end(&mut self, key: &Key, uid: Uid, rv: Rv) {
        let held = self.holds(key);
        if self.objects.get(key).is_some_and(|record| record.uid == uid) {
            self.take(key);
        }
        let tomb = self.tombs.get(key).map(|tomb| (tomb.uid, tomb.rv));
        let listing = self.listed.as_mut().map(|listed| listed.remove(&(key.clone(), uid))).is_some();
        if listing && holds(Rule::EndOutlastsList) {
            if held && tomb.is_none_or(|(_, other)| other <= rv || !holds(Rule::EndSparesNewerTomb)) {
                self.tombs.insert(key.clone(), Tomb { uid, rv });
            }
        } else if tomb.is_some_and(|(tomb, _)| tomb == uid) && holds(Rule::TombEndsByEvent) {
            self.tombs.remove(key);
        }
    }

    fn gone(&mut self, is: impl Fn(&PendingDelete) -> bool) {
        for delete in &mut self.deletes {
            delete.gone |= is(delete);
        }
    }

    /// Items of a list in progress say nothing about what lies between them; only its end does.
    fn advance(&mut self, rv: Rv, changes: &mut Vec<Change>) {
        if self.listed.is_some() && holds(Rule::ListCountsWhole) || rv <= self.passed {
            return;
        }
        self.passed = rv;
        if holds(Rule::OverlayPassed) {
            self.drop_overlays(rv, changes);
        }
    }

    /// Drops all answers up to this version.
    fn drop_overlays(&mut self, rv: Rv, changes: &mut Vec<Change>) {
        while let Some((oldest, key)) = self.overlay_order.first().cloned().filter(|(oldest, _)| *oldest <= rv) {
            debug_assert!(oldest <= rv);
            self.change(key.clone(), changes, |cache| cache.drop_overlay(&key));
        }
    }

    fn drop_overlay(&mut self, key: &Key) {
        if let Some(record) = self.overlay.remove(key) {
            self.overlay_order.remove(&(record.rv, key.clone()));
        }
    }

    fn put(&mut self, record: Arc<Record>) {
        self.bytes += record.size();
        let old = self.objects.insert(record.key.clone(), record);
        self.bytes -= old.map_or(0, |old| old.size());
    }

    fn take(&mut self, key: &Key) -> Option<Arc<Record>> {
        let object = self.objects.remove(key)?;
        self.bytes -= object.size();
        Some(object)
    }

    fn change(&mut self, key: Key, changes: &mut Vec<Change>, mutate: impl FnOnce(&mut Self)) {
        let old = self.view(&key).cloned();
        mutate(self);
        let new = self.view(&key).cloned();
        let same = match (&old, &new) {
            (Some(old), Some(new)) => Arc::ptr_eq(old, new),
            (None, None) => true,
            _ => false,
        };
        if !same {
            self.index(&key, old.as_ref(), new.as_ref());
            changes.push(Change { key, old, new });
        }
    }
}

#[path = "cache_stubs.rs"]
mod stubbed;

#[cfg(test)]
#[path = "cache_tests.rs"]
mod tests;
