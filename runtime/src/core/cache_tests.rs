use super::super::testing::{Draft, key, object};
use super::*;

impl Cache {
    /// Everything that waits for something: overlays, tombs and deletes in flight.
    pub(crate) fn waiting(&self) -> usize {
        debug_assert_eq!(self.overlay.len(), self.overlay_order.len());
        self.overlay.len() + self.tombs.len() + self.deletes.len()
    }

    /// What readers see.
    pub(crate) fn seen(&self) -> impl Iterator<Item = &Arc<Record>> {
        let only_answered = self.overlay.keys().filter(|key| !self.objects.contains_key(*key));
        self.objects.keys().chain(only_answered).filter_map(|key| self.view(key))
    }

    /// Whether an own delete hides this version.
    pub(crate) fn is_hidden(&self, key: &Key, uid: Uid, rv: Rv) -> bool {
        self.tombs.get(key).is_some_and(|tomb| tomb.uid == uid || tomb.rv >= rv)
    }
}

const A: &str = "n/a";

/// A cache whose first list, at version 10, named these objects.
fn listed(objects: impl IntoIterator<Item = Draft>) -> Cache {
    let mut cache = Cache::default();
    list(&mut cache, objects, 10);
    cache
}

fn list(cache: &mut Cache, objects: impl IntoIterator<Item = Draft>, rv: u64) {
    see(cache, Event::ListBegin);
    for object in objects {
        applied(cache, object);
    }
    see(cache, Event::ListEnd(Rv(rv)));
}

/// What readers see differently after an event, as `old -> new` versions, 0 for nothing.
fn see(cache: &mut Cache, event: Event) -> Vec<(u64, u64)> {
    let mut changes = Vec::new();
    cache.observe(event, &mut changes);
    versions(&changes)
}

fn versions(changes: &[Change]) -> Vec<(u64, u64)> {
    let rv = |record: &Option<Arc<Record>>| record.as_ref().map_or(0, |record| record.rv.0);
    changes.iter().map(|change| (rv(&change.old), rv(&change.new))).collect()
}

fn applied(cache: &mut Cache, object: Draft) -> Vec<(u64, u64)> {
    see(cache, Event::Applied(object.record()))
}

fn deleted(cache: &mut Cache, uid: u128, rv: u64) -> Vec<(u64, u64)> {
    see(cache, Event::Deleted { key: key(A), uid: Uid(uid), rv: Rv(rv) })
}

fn unwanted(cache: &mut Cache, uid: u128, rv: u64) -> Vec<(u64, u64)> {
    see(cache, Event::Unwanted { key: key(A), uid: Uid(uid), rv: Rv(rv), stub: None })
}

fn answered(cache: &mut Cache, object: Draft) -> Vec<(u64, u64)> {
    let mut changes = Vec::new();
    cache.answered(Arc::new(object.record()), &mut changes);
    versions(&changes)
}

fn delete_end(cache: &mut Cache, uid: u128, deleted: bool) -> Vec<(u64, u64)> {
    let mut changes = Vec::new();
    cache.delete_end(&key(A), Uid(uid), deleted, &mut changes);
    versions(&changes)
}

/// An own delete whose answer says that nothing is left.
fn delete(cache: &mut Cache, uid: u128) -> Vec<(u64, u64)> {
    cache.delete_begin(&key(A), Uid(uid));
    delete_end(cache, uid, true)
}

/// The version of `n/a` that readers see, 0 for none.
fn view(cache: &Cache) -> u64 {
    cache.view(&key(A)).map_or(0, |record| record.rv.0)
}

#[test]
fn what_the_watch_shows_is_what_readers_see() {
    let mut cache = Cache::default();
    assert!(!cache.is_complete());
    see(&mut cache, Event::ListBegin);
    assert_eq!(applied(&mut cache, object(A, 1, 5)), [(0, 5)]);
    assert!(!cache.is_complete());
    see(&mut cache, Event::ListEnd(Rv(10)));
    assert!(cache.is_complete());
    assert_eq!(applied(&mut cache, object(A, 1, 12)), [(5, 12)]);
    assert_eq!(deleted(&mut cache, 1, 13), [(12, 0)]);
    assert_eq!((cache.passed(), cache.len(), cache.waiting()), (Rv(13), 0, 0));
}

#[test]
fn an_answer_overlays_what_the_watch_has_not_shown_yet() {
    let mut cache = listed([object(A, 1, 5)]);
    assert_eq!(answered(&mut cache, object(A, 1, 12)), [(5, 12)]);
    assert_eq!(applied(&mut cache, object(A, 1, 11)), [], "older than the answer");
    assert_eq!(view(&cache), 12);
    assert_eq!(applied(&mut cache, object(A, 1, 12)), [(12, 12)], "the echo");
    assert_eq!((view(&cache), cache.waiting()), (12, 0));
}

#[test]
fn an_answer_that_the_watch_has_passed_is_no_overlay() {
    let mut cache = listed([object(A, 1, 5)]);
    see(&mut cache, Event::Bookmark(Rv(20)));
    assert_eq!(answered(&mut cache, object(A, 1, 12)), []);
    assert_eq!(cache.waiting(), 0);
}

#[test]
fn an_older_answer_does_not_replace_a_newer_one() {
    let mut cache = listed([]);
    answered(&mut cache, object(A, 1, 13));
    assert_eq!(answered(&mut cache, object(A, 1, 12)), []);
    assert_eq!(view(&cache), 13);
    assert_eq!(answered(&mut cache, object(A, 1, 14)), [(13, 14)]);
    assert_eq!(cache.waiting(), 1);
}

#[test]
fn an_overlay_goes_when_an_event_of_another_object_passes_it() {
    let mut cache = listed([]);
    answered(&mut cache, object(A, 1, 12));
    assert_eq!(applied(&mut cache, object("n/b", 2, 11)), [(0, 11)]);
    assert_eq!(view(&cache), 12);
    let changes = applied(&mut cache, object("n/b", 2, 13));
    assert_eq!(
        changes,
        [(11, 13), (12, 0)],
        "created and deleted again between two events, or the watch would have it"
    );
}

#[test]
fn an_overlay_goes_with_a_bookmark() {
    let mut cache = listed([]);
    answered(&mut cache, object(A, 1, 12));
    assert_eq!(see(&mut cache, Event::Bookmark(Rv(11))), []);
    assert_eq!(see(&mut cache, Event::Bookmark(Rv(12))), [(12, 0)]);
}

#[test]
fn a_list_in_progress_or_an_older_one_leaves_the_overlay() {
    let mut cache = listed([]);
    answered(&mut cache, object(A, 1, 15));
    see(&mut cache, Event::ListBegin);
    applied(&mut cache, object("n/b", 2, 16));
    assert_eq!((view(&cache), cache.passed()), (15, Rv(10)), "items say nothing about what lies between them");
    see(&mut cache, Event::ListEnd(Rv(14)));
    assert_eq!(view(&cache), 15);
    list(&mut cache, [], 17);
    assert_eq!((view(&cache), cache.waiting()), (0, 0));
}

#[test]
fn a_list_removes_what_it_does_not_name_at_its_end() {
    let mut cache = listed([object(A, 1, 5), object("n/b", 2, 6)]);
    see(&mut cache, Event::ListBegin);
    assert_eq!(applied(&mut cache, object("n/b", 2, 6)), [(6, 6)]);
    assert_eq!(view(&cache), 5);
    assert_eq!(see(&mut cache, Event::ListEnd(Rv(20))), [(5, 0)]);
    assert_eq!((cache.len(), cache.passed()), (1, Rv(20)));
}

#[test]
fn a_list_that_breaks_off_removes_nothing() {
    let mut cache = listed([object(A, 1, 5), object("n/b", 2, 6)]);
    see(&mut cache, Event::ListBegin);
    list(&mut cache, [object(A, 1, 5), object("n/b", 2, 6)], 20);
    assert_eq!(cache.len(), 2);
    see(&mut cache, Event::ListBegin);
    applied(&mut cache, object(A, 1, 5));
    list(&mut cache, [object("n/b", 2, 6)], 21);
    assert_eq!((view(&cache), cache.len()), (0, 1), "what the broken list named does not count in the next one");
}

#[test]
fn a_new_incarnation_in_a_list_replaces_the_old_one() {
    let mut cache = listed([object(A, 1, 5)]);
    list(&mut cache, [object(A, 2, 15)], 20);
    assert_eq!((view(&cache), cache.len()), (15, 1));
    assert_eq!(deleted(&mut cache, 1, 12), [], "the end of the old one is no news");
}

#[test]
fn an_end_within_a_streaming_list_is_final() {
    let mut cache = listed([object(A, 1, 5)]);
    see(&mut cache, Event::ListBegin);
    applied(&mut cache, object(A, 1, 5));
    assert_eq!(deleted(&mut cache, 1, 13), [(5, 0)]);
    assert_eq!(answered(&mut cache, object(A, 1, 12)), [], "the late answer of a write before the end");
    assert_eq!(answered(&mut cache, object(A, 2, 14)), [(0, 14)], "made anew");
    see(&mut cache, Event::ListEnd(Rv(13)));
    assert_eq!((view(&cache), cache.waiting()), (14, 1));
    see(&mut cache, Event::Bookmark(Rv(14)));
    assert_eq!(cache.waiting(), 0);
}

#[test]
fn an_own_delete_hides_the_object_until_the_watch_shows_its_end() {
    let mut cache = listed([object(A, 1, 5)]);
    assert_eq!(delete(&mut cache, 1), [(5, 0)]);
    assert_eq!(applied(&mut cache, object(A, 1, 12)), [], "still before the end");
    assert_eq!(deleted(&mut cache, 1, 13), []);
    assert_eq!((cache.len(), cache.waiting()), (0, 0));
}

#[test]
fn an_own_delete_drops_the_overlay() {
    let mut cache = listed([object(A, 1, 5)]);
    answered(&mut cache, object(A, 1, 12));
    assert_eq!(delete(&mut cache, 1), [(12, 0)]);
    assert_eq!(applied(&mut cache, object(A, 1, 12)), [], "the echo of the earlier write");
    deleted(&mut cache, 1, 13);
    assert_eq!(cache.waiting(), 0);
}

#[test]
fn a_tomb_hides_older_incarnations_and_not_newer_ones() {
    // The watch lags: it shows incarnation 1, our writes have seen 2.
    let mut cache = listed([object(A, 1, 5)]);
    answered(&mut cache, object(A, 2, 15));
    assert_eq!(delete(&mut cache, 2), [(15, 0)]);
    assert_eq!(applied(&mut cache, object(A, 1, 11)), []);
    assert_eq!(deleted(&mut cache, 1, 12), []);
    assert_eq!(applied(&mut cache, object(A, 2, 15)), []);
    assert_eq!(answered(&mut cache, object(A, 3, 17)), [(0, 17)], "made anew by us");
    assert_eq!(deleted(&mut cache, 2, 16), []);
    assert_eq!(applied(&mut cache, object(A, 3, 17)), [(17, 17)]);
    assert_eq!(cache.waiting(), 0);
}

#[test]
fn a_tomb_goes_with_a_list_that_is_new_enough() {
    let mut cache = listed([object(A, 1, 5)]);
    answered(&mut cache, object(A, 1, 15));
    delete(&mut cache, 1);
    list(&mut cache, [object(A, 1, 5)], 14);
    assert_eq!((view(&cache), cache.waiting()), (0, 1), "the list is older than the delete");
    list(&mut cache, [], 14);
    assert_eq!(cache.waiting(), 1, "older than what we know of the object");
    list(&mut cache, [object(A, 2, 18)], 20);
    assert_eq!((view(&cache), cache.waiting()), (18, 0));
}

#[test]
fn an_end_that_comes_before_the_answer_leaves_no_tomb() {
    let mut cache = listed([object(A, 1, 5)]);
    cache.delete_begin(&key(A), Uid(1));
    assert_eq!(deleted(&mut cache, 1, 12), [(5, 0)]);
    assert_eq!(delete_end(&mut cache, 1, true), []);
    assert_eq!(cache.waiting(), 0);
}

#[test]
fn a_list_that_ends_before_the_answer_leaves_no_tomb() {
    let mut cache = listed([object(A, 1, 5)]);
    cache.delete_begin(&key(A), Uid(1));
    list(&mut cache, [], 12);
    assert_eq!((delete_end(&mut cache, 1, true).len(), cache.waiting()), (0, 0));
}

#[test]
fn a_list_older_than_the_object_proves_no_end() {
    let mut cache = listed([]);
    answered(&mut cache, object(A, 1, 15));
    cache.delete_begin(&key(A), Uid(1));
    list(&mut cache, [], 14);
    assert_eq!(delete_end(&mut cache, 1, true), [(15, 0)]);
    assert_eq!(applied(&mut cache, object(A, 1, 15)), []);
}

#[test]
fn an_object_that_was_just_let_go_of_gets_its_tomb() {
    let mut cache = listed([object(A, 1, 5)]);
    assert_eq!(unwanted(&mut cache, 1, 11), [(5, 0)]);
    delete(&mut cache, 1);
    assert_eq!(applied(&mut cache, object(A, 1, 12)), [], "ours again for a moment, before its end");
    deleted(&mut cache, 1, 13);
    assert_eq!(cache.waiting(), 0);
}

#[test]
fn a_delete_without_answer_changes_nothing() {
    let mut cache = listed([object(A, 1, 5)]);
    cache.delete_begin(&key(A), Uid(1));
    assert_eq!(delete_end(&mut cache, 1, false), []);
    assert_eq!((view(&cache), cache.waiting()), (5, 0));
}

#[test]
fn a_late_delete_of_an_old_incarnation_leaves_the_new_one() {
    let mut cache = listed([object(A, 1, 5)]);
    deleted(&mut cache, 1, 11);
    applied(&mut cache, object(A, 2, 12));
    assert_eq!(delete(&mut cache, 1), [], "the new incarnation is in nobody's way");
    assert_eq!(view(&cache), 12);
    answered(&mut cache, object(A, 2, 14));
    cache.delete_begin(&key(A), Uid(1));
    assert_eq!(delete_end(&mut cache, 1, true), [], "nor is the answer to a write of it");
    assert_eq!(view(&cache), 14);
}

#[test]
fn two_deletes_of_one_object_leave_nothing() {
    let mut cache = listed([object(A, 1, 5)]);
    cache.delete_begin(&key(A), Uid(1));
    deleted(&mut cache, 1, 12);
    cache.delete_begin(&key(A), Uid(1));
    delete_end(&mut cache, 1, true);
    delete_end(&mut cache, 1, true);
    assert_eq!(cache.waiting(), 0);
}

#[test]
fn unwanted_objects_are_not_kept() {
    let mut cache = listed([object(A, 1, 5)]);
    assert_eq!(unwanted(&mut cache, 1, 12), [(5, 0)]);
    assert_eq!(unwanted(&mut cache, 1, 13), []);
    assert_eq!((cache.len(), cache.passed()), (0, Rv(13)));
}

#[test]
fn an_object_that_is_let_go_of_does_not_uncover_an_older_answer() {
    let mut cache = listed([]);
    answered(&mut cache, object(A, 1, 15));
    see(&mut cache, Event::ListBegin);
    assert_eq!(applied(&mut cache, object(A, 1, 18)), [(15, 18)]);
    cache.release(&key(A), None);
    assert_eq!(view(&cache), 0);
    see(&mut cache, Event::ListEnd(Rv(20)));
    answered(&mut cache, object(A, 1, 25));
    cache.release(&key(A), None);
    assert_eq!(view(&cache), 25, "a newer one is still ahead of the watch");
}

#[test]
fn an_answer_does_not_outlive_a_newer_item_that_nobody_wants() {
    let mut cache = listed([]);
    answered(&mut cache, object(A, 1, 15));
    see(&mut cache, Event::ListBegin);
    assert_eq!(unwanted(&mut cache, 1, 16), [(15, 0)]);
    assert_eq!(cache.waiting(), 0);
}

#[test]
fn an_answer_outlives_an_older_event_that_nobody_wants() {
    let mut cache = listed([object(A, 1, 5)]);
    answered(&mut cache, object(A, 1, 15));
    assert_eq!(unwanted(&mut cache, 1, 12), []);
    assert_eq!(view(&cache), 15);
    assert_eq!(unwanted(&mut cache, 1, 16), [(15, 0)]);
}
