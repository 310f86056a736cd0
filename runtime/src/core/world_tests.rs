use std::time::Duration;

use super::super::cache::Cache;
use super::super::finalizers::Finalizers;
use super::super::key::Rv;
use super::super::relation::Owners;
use super::super::testing::{Draft, key, kind, object};
use super::*;
use crate::projection::Projection;
use crate::secondary::{Related, Secondary};

#[path = "world_account_tests.rs"]
mod account;
#[path = "world_answer_tests.rs"]
mod answer;
#[path = "world_debounce_tests.rs"]
mod debounce;
#[path = "world_life_tests.rs"]
mod life;
#[path = "world_split_tests.rs"]
mod split;

impl World {
    pub(crate) fn cache(&self, cache: CacheId) -> &Cache {
        self.caches[cache.0].cache.only()
    }

    /// What an operator knows of its primaries.
    pub(crate) fn primaries(&self, operator: OperatorId) -> &Primaries {
        &self.operators[operator.0].primaries
    }
}

const P: CacheId = CacheId(0);
const C: CacheId = CacheId(1);
const D: CacheId = CacheId(2);
const DONE: Outcome = Outcome::Done { requeue: None };
const PACE: Pace = Pace {
    debounce: Duration::ZERO,
    resync: None,
    backoff: Duration::from_millis(100),
    max_backoff: Duration::from_secs(60),
};

/// Operators of the kind P that own the kinds C and D; D has a handler.
struct Case {
    world: World,
    start: Instant,
    ms: u64,
}

fn declaration(finalizer: Option<&'static str>) -> Declaration {
    let secondary = |name, handler| Secondary { name, handler, ..Secondary::of_kind(kind("S", true), Related::Owned) };
    Declaration {
        name: "test",
        primary: kind("P", true),
        selector: Default::default(),
        filter: None,
        projection: Projection::content(),
        finalizers: Finalizers { own: finalizer, former: &["former"] },
        status: None,
        resync: None,
        timeout: Duration::MAX,
        secondaries: vec![secondary("c", false), secondary("d", true)],
    }
}

/// Two secondaries that the kind P owns.
fn owned() -> Box<[Relation]> {
    owned_by("P")
}

fn owned_by(name: &'static str) -> Box<[Relation]> {
    let owned = Relation::Owned(Owners::of(&kind(name, true), false));
    [owned.clone(), owned].into()
}

impl Case {
    /// With this many operators, which share all caches; each reads the projection of its own number.
    fn new(operators: usize) -> Self {
        let mut world = World::default();
        for _ in [P, C, D] {
            world.add_cache(&[]);
        }
        for projection in 0..operators {
            let sources = [P, C, D].map(|cache| Source { cache, projection }).to_vec();
            world.add_operator(&declaration(Some("ours")), sources, owned(), PACE, 2, 7);
        }
        Self { world, start: Instant::now(), ms: 0 }
    }

    /// One operator, all caches complete at version 10 with these objects, the first runs done.
    fn ready(primaries: Vec<Draft>, children: Vec<Draft>) -> Self {
        let mut case = Self::new(1);
        case.list(P, primaries, 10);
        case.list(C, children, 10);
        case.list(D, [], 10);
        case.rest();
        case
    }

    fn now(&self) -> Instant {
        self.start + Duration::from_millis(self.ms)
    }

    fn see(&mut self, cache: CacheId, event: Event) {
        self.world.observe(cache, None, event, self.now());
    }

    fn applied(&mut self, cache: CacheId, object: Draft) {
        self.see(cache, Event::Applied(object.record()));
    }

    fn deleted(&mut self, cache: CacheId, name: &str, uid: u128, rv: u64) {
        self.see(cache, Event::Deleted { key: key(name), uid: Uid(uid), rv: Rv(rv) });
    }

    fn bookmark(&mut self, cache: CacheId, rv: u64) {
        self.see(cache, Event::Bookmark(Rv(rv)));
    }

    fn list(&mut self, cache: CacheId, objects: impl IntoIterator<Item = Draft>, rv: u64) {
        self.see(cache, Event::ListBegin);
        for object in objects {
            self.applied(cache, object);
        }
        self.see(cache, Event::ListEnd(Rv(rv)));
    }

    fn pop_of(&mut self, operator: usize) -> Option<Ticket> {
        self.world.pop(OperatorId(operator), self.now())
    }

    fn pop(&mut self) -> Option<Ticket> {
        self.pop_of(0)
    }

    /// The run that is due, which must be the only one.
    fn only(&mut self) -> Ticket {
        let ticket = self.pop().expect("no run is due");
        assert!(self.pop().is_none(), "a second run is due");
        ticket
    }

    fn finish(&mut self, ticket: Ticket, outcome: Outcome) {
        let Ticket { operator, id, uid, sight, .. } = ticket;
        self.world.finish(operator, id, &sight, uid, outcome, self.now());
    }

    /// The answer of a write by a run.
    fn answered(&mut self, ticket: &mut Ticket, cache: CacheId, object: Draft, proven: bool) {
        let record = Arc::new(object.record());
        ticket.sight.answered(cache.0, &record.key.clone(), Some(record.clone()), proven);
        self.world.answered(ticket.operator, cache.0, record, self.now());
    }

    /// A delete by a run that leaves nothing.
    fn delete(&mut self, ticket: &mut Ticket, cache: CacheId, name: &str, uid: u128) {
        let now = self.now();
        self.world.delete_begin(ticket.operator, cache.0, &key(name), Uid(uid));
        self.world.delete_end(ticket.operator, cache.0, &key(name), Uid(uid), true, now);
        ticket.sight.answered(cache.0, &key(name), None, true);
    }

    /// Runs whatever is due, with success; returns how many runs that took.
    fn rest(&mut self) -> usize {
        let mut runs = 0;
        for operator in 0..self.world.operators.len() {
            while let Some(ticket) = self.pop_of(operator) {
                self.finish(ticket, DONE);
                runs += 1;
            }
        }
        runs
    }

    /// How many objects wait for something anywhere.
    fn waiting(&self) -> usize {
        let caches = self.world.caches.iter().map(|state| state.cache.only().waiting());
        caches.chain(self.world.operators.iter().map(|state| state.primaries.waiting())).sum()
    }
}

fn app(uid: u128, rv: u64) -> Draft {
    object("n/app", uid, rv)
}

fn child(uid: u128, rv: u64) -> Draft {
    object("n/child", uid, rv).of(1)
}

fn words(ticket: &Ticket) -> String {
    ticket.triggers.to_string()
}

/// The versions of the secondaries at an index that a run sees.
fn sees(ticket: &Ticket, cache: CacheId) -> Vec<u64> {
    ticket.sight.view().secondaries[cache.0 - 1].iter().map(|record| record.rv.0).collect()
}

#[test]
fn the_first_runs_wait_for_all_caches_and_see_everything() {
    let mut case = Case::new(1);
    case.list(C, [child(11, 5)], 10);
    case.see(P, Event::ListBegin);
    case.applied(P, app(1, 3));
    case.applied(P, object("n/other", 2, 4));
    case.see(P, Event::ListEnd(Rv(10)));
    case.applied(P, app(1, 12).prints(&[99]));
    assert!(case.pop().is_none());
    case.list(D, [object("n/d", 12, 6).of(1)], 10);
    let (a, b) = (case.pop().unwrap(), case.pop().unwrap());
    assert_eq!((words(&a), words(&b)), ("startup".to_owned(), "startup".to_owned()));
    assert_eq!((sees(&a, C), sees(&a, D), a.sight.view().primary.rv), (vec![5], vec![6], Rv(12)));
    case.finish(a, DONE);
    case.finish(b, DONE);
    assert_eq!(case.rest(), 0);
}

#[test]
fn a_primary_made_later_runs_at_once() {
    let mut case = Case::ready(vec![], vec![]);
    case.applied(P, app(1, 11));
    assert_eq!(words(&case.only()), "primary");
}

#[test]
fn a_primary_changed_before_the_start_runs_once() {
    let mut case = Case::new(1);
    case.list(P, [app(1, 3)], 10);
    case.list(C, [], 10);
    case.list(D, [], 10);
    case.applied(P, app(1, 12).prints(&[99]));
    assert_eq!(case.rest(), 1);
}

#[test]
fn a_relist_is_nothing() {
    let mut case = Case::ready(vec![app(1, 3)], vec![child(11, 5)]);
    case.list(P, [app(1, 3)], 20);
    case.list(C, [child(11, 5)], 20);
    assert_eq!(case.rest(), 0);
}

#[test]
fn an_object_that_vanished_unseen_is_found_missing_by_the_relist() {
    let mut case = Case::ready(vec![app(1, 3)], vec![child(11, 5)]);
    case.list(C, [], 20);
    let ticket = case.only();
    assert_eq!((words(&ticket), sees(&ticket, C)), ("c".to_owned(), vec![]));
}

#[test]
fn a_change_that_is_taken_back_while_queued_is_no_run() {
    let mut case = Case::ready(vec![app(1, 3)], vec![child(11, 5)]);
    case.applied(C, child(11, 12).prints(&[99]));
    case.applied(C, child(11, 13));
    assert!(case.pop().is_none());
    case.applied(C, child(11, 14).prints(&[99]));
    assert_eq!(words(&case.only()), "c");
}

#[test]
fn an_uninteresting_change_is_no_run() {
    let mut case = Case::ready(vec![app(1, 3)], vec![child(11, 5)]);
    case.applied(C, child(11, 12));
    assert_eq!(case.rest(), 0);
}

#[test]
fn a_change_during_a_run_makes_another_one_follow() {
    let mut case = Case::ready(vec![app(1, 3)], vec![child(11, 5)]);
    case.applied(P, app(1, 12).prints(&[99]));
    let ticket = case.only();
    case.applied(C, child(11, 13).prints(&[98]));
    assert!(case.pop().is_none());
    assert_eq!(sees(&ticket, C), [5], "what a run holds does not change under it");
    case.finish(ticket, DONE);
    assert_eq!(sees(&case.only(), C), [13]);
}

#[test]
fn a_failed_run_keeps_its_causes_and_is_tried_again() {
    let mut case = Case::ready(vec![app(1, 3)], vec![child(11, 5)]);
    case.applied(C, child(11, 12).prints(&[98]));
    let ticket = case.only();
    case.finish(ticket, Outcome::Failed);
    // Taken back: still, the run may have done half of its work.
    case.applied(C, child(11, 13));
    let early = case.only();
    case.finish(early, Outcome::Failed);
    case.applied(C, child(11, 14).prints(&[97]));
    assert!(case.pop().is_none(), "one early try is enough");
    case.ms += 1000;
    assert_eq!(words(&case.only()), "c, retry");
}

#[test]
fn until_a_run_has_succeeded_only_what_is_new_is_a_cause() {
    let mut case = Case::new(1);
    case.list(P, [app(1, 3)], 10);
    case.list(C, [child(11, 5)], 10);
    case.list(D, [], 10);
    let first = case.only();
    assert_eq!(words(&first), "startup");
    case.finish(first, Outcome::Failed);
    case.ms += 1000;
    let again = case.only();
    assert_eq!(words(&again), "retry");
    case.finish(again, Outcome::Failed);
    case.applied(C, child(11, 12).prints(&[98]));
    assert_eq!(words(&case.only()), "c, retry");
}

#[test]
fn an_edit_of_no_interest_does_not_lose_the_retry() {
    let mut case = Case::ready(vec![app(1, 3)], vec![]);
    case.world.external(OperatorId(0), &key("n/app"), case.now());
    let ticket = case.only();
    case.finish(ticket, Outcome::Failed);
    case.applied(P, app(1, 12).generation(2));
    assert_eq!(words(&case.only()), "retry");
}

#[test]
fn a_terminal_error_waits_for_a_change() {
    let mut case = Case::ready(vec![app(1, 3)], vec![]);
    case.applied(P, app(1, 12).prints(&[99]));
    let ticket = case.only();
    case.finish(ticket, Outcome::Terminal);
    case.ms += 1_000_000;
    assert_eq!(case.rest(), 0);
    case.applied(P, app(1, 13).prints(&[98]));
    assert_eq!(case.rest(), 1);
}
