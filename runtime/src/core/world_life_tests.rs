//! Primaries that come and go, several operators, and what is kept of the secondaries.

use super::*;
use crate::core::fingerprint::REFUSED;

#[test]
fn a_deletion_with_our_finalizer_is_a_cleanup() {
    let mut case = Case::ready(vec![app(1, 3).finalizer("ours")], vec![]);
    case.applied(P, app(1, 12).finalizer("ours").deleting().prints(&[99]));
    assert_eq!(case.only().task, Task::Cleanup);
}

#[test]
fn a_deletion_with_a_former_finalizer_is_a_cleanup() {
    let mut case = Case::ready(vec![app(1, 3)], vec![]);
    case.applied(P, app(1, 12).finalizer("former").deleting().prints(&[99]));
    assert_eq!(case.only().task, Task::Cleanup);
}

#[test]
fn a_deletion_without_our_finalizer_is_no_run() {
    let mut case = Case::ready(vec![app(1, 3)], vec![child(11, 5)]);
    case.applied(P, app(1, 12).finalizer("theirs").deleting().prints(&[99]));
    case.deleted(C, "n/child", 11, 13);
    assert_eq!(case.rest(), 0);
    case.deleted(P, "n/app", 1, 14);
    assert_eq!((case.rest(), case.waiting()), (0, 0));
}

#[test]
fn what_the_filter_refuses_is_no_primary() {
    let other = |rv| app(1, rv).prints(&[REFUSED]);
    let mut case = Case::new(1);
    case.list(P, [other(3)], 10);
    case.list(C, [], 10);
    case.list(D, [], 10);
    assert_eq!((case.rest(), case.world.all_primaries(OperatorId(0)).len()), (0, 0));
    case.applied(P, app(1, 12));
    let first = case.only();
    assert_eq!(words(&first), "primary");
    case.finish(first, DONE);
    case.applied(C, child(11, 13));
    assert_eq!((case.rest(), case.world.cached(C)), (1, 1));
    // It is gone without having been deleted: nothing is cleaned up.
    case.applied(P, other(14).finalizer("ours"));
    assert_eq!((case.rest(), case.waiting(), case.world.cached(C)), (0, 0, 0));
    case.applied(P, other(15).finalizer("ours").deleting());
    assert_eq!((case.rest(), case.world.all_primaries(OperatorId(0)).len()), (0, 0));
}

#[test]
fn a_run_goes_on_when_the_filter_refuses_its_primary() {
    let mut case = Case::ready(vec![app(1, 3)], vec![]);
    case.applied(P, app(1, 12).prints(&[99]));
    let run = case.only();
    case.applied(P, app(1, 13).prints(&[REFUSED]));
    case.applied(P, app(1, 14).prints(&[REFUSED]).generation(2));
    case.finish(run, Outcome::Failed);
    case.ms += 1000;
    assert_eq!((case.rest(), case.waiting()), (0, 0));
    case.applied(P, app(1, 15));
    assert_eq!(words(&case.only()), "primary");
}

#[test]
fn an_undecodable_primary_waits_until_it_can_be_decoded() {
    let mut case = Case::ready(vec![app(1, 3).undecodable(), object("n/good", 2, 4)], vec![]);
    case.applied(P, app(1, 12).undecodable().prints(&[99]));
    assert_eq!(case.rest(), 0);
    case.applied(P, app(1, 13));
    assert_eq!(words(&case.only()), "primary");
}

#[test]
fn a_recreated_primary_has_nothing_of_the_old_one() {
    let mut case = Case::ready(vec![app(1, 3)], vec![child(11, 5)]);
    case.applied(P, app(1, 12).prints(&[99]));
    let old = case.only();
    case.deleted(P, "n/app", 1, 13);
    case.applied(P, app(2, 14));
    assert!(case.pop().is_none(), "the run of the old one goes on");
    assert_eq!(case.world.cached(C), 0, "its children are nobody's");
    case.finish(old, Outcome::Failed);
    let new = case.only();
    assert_eq!((new.uid, words(&new), sees(&new, C)), (Uid(2), "primary".to_owned(), vec![]));
    case.finish(new, DONE);
    case.ms += 1000;
    assert_eq!(case.rest(), 0, "no retry is inherited");
}

#[test]
fn a_primary_replaced_in_a_list_has_nothing_of_the_old_one() {
    let mut case = Case::ready(vec![app(1, 3)], vec![child(11, 5)]);
    case.list(P, [app(2, 14)], 20);
    let new = case.only();
    assert_eq!((new.uid, sees(&new, C)), (Uid(2), vec![]));
    assert_eq!(case.world.cached(C), 0);
}

#[test]
fn a_primary_that_vanishes_during_its_run_leaves_nothing() {
    let mut case = Case::ready(vec![app(1, 3)], vec![child(11, 5)]);
    case.applied(P, app(1, 12).prints(&[99]));
    let mut ticket = case.only();
    case.deleted(P, "n/app", 1, 13);
    case.answered(&mut ticket, C, child(11, 14).prints(&[98]), true);
    case.finish(ticket, Outcome::Failed);
    assert_eq!((case.rest(), case.world.running(OperatorId(0)), case.world.depth(OperatorId(0))), (0, 0, 0));
    assert_eq!(case.world.operators[0].primaries.ids().count(), 0);
    assert_eq!(case.world.deadline(OperatorId(0)), None);
    case.bookmark(C, 20);
    case.bookmark(P, 20);
    assert_eq!((case.world.cached(C), case.waiting()), (0, 0));
}

#[test]
fn two_operators_each_learn_of_the_other_ones_writes() {
    let mut case = Case::new(2);
    case.list(P, [app(1, 3).prints(&[1, 2])], 10);
    case.list(C, [], 10);
    case.list(D, [], 10);
    let mut a = case.pop_of(0).unwrap();
    let b = case.pop_of(1).unwrap();
    case.answered(&mut a, C, child(11, 12).prints(&[3, 4]), true);
    case.finish(a, DONE);
    case.finish(b, DONE);
    assert!(case.pop_of(0).is_none());
    let b = case.pop_of(1).unwrap();
    assert_eq!((words(&b), sees(&b, C)), ("c".to_owned(), vec![12]));
    case.finish(b, DONE);
    case.applied(C, child(11, 13).prints(&[3, 5]));
    assert!(case.pop_of(0).is_none(), "of no interest to its projection");
    assert!(case.pop_of(1).is_some());
}

#[test]
fn no_more_runs_than_allowed_go_on_at_once() {
    let mut case = Case::ready((1..=3).map(|i| object(&format!("n/{i}"), i, 3)).collect(), vec![]);
    for i in 1..=3 {
        case.applied(P, object(&format!("n/{i}"), i, 10 + i as u64).prints(&[99]));
    }
    let ticket = case.pop().unwrap();
    assert!(case.pop().is_some() && case.pop().is_none());
    assert_eq!((case.world.depth(OperatorId(0)), case.world.deadline(OperatorId(0))), (1, None));
    case.finish(ticket, DONE);
    assert!(case.pop().is_some());
}

#[test]
fn unrelated_objects_are_not_kept() {
    let mut case = Case::ready(vec![app(1, 3)], vec![child(11, 5), object("n/free", 12, 6)]);
    assert_eq!(case.world.cached(C), 1);
    case.applied(C, object("n/foreign", 13, 12).controlled("Q", 1));
    case.applied(C, object("other/child", 14, 13).of(1));
    assert_eq!(case.world.cached(C), 1);
    assert!(!case.world.wants(C, &object("n/foreign", 13, 12).controlled("Q", 1).meta()));
    case.applied(C, object("n/child", 11, 14));
    assert_eq!((case.world.cached(C), words(&case.only())), (0, "c".to_owned()));
}

#[test]
fn children_are_let_go_of_when_their_primary_goes() {
    let mut case = Case::ready(vec![app(1, 3)], vec![child(11, 5)]);
    case.deleted(P, "n/app", 1, 12);
    assert_eq!((case.world.cached(P), case.world.cached(C)), (0, 0));
    case.applied(C, child(11, 11).prints(&[9]));
    assert_eq!((case.world.cached(C), case.waiting()), (0, 0));
}

#[test]
fn waiting_children_are_dropped_when_the_watch_of_the_primaries_has_passed_them() {
    let mut case = Case::ready(vec![], vec![]);
    case.applied(C, child(11, 12));
    case.applied(D, object("n/child", 12, 13).of(1));
    assert_eq!((case.world.cached(C), case.world.cached(D)), (1, 1));
    case.bookmark(P, 12);
    assert_eq!((case.world.cached(C), case.world.cached(D)), (0, 1));
    case.bookmark(P, 13);
    assert_eq!((case.world.cached(D), case.waiting()), (0, 0));
}

#[test]
fn a_late_answer_for_a_primary_that_is_gone_waits_for_nothing() {
    let mut case = Case::ready(vec![app(1, 3)], vec![]);
    case.applied(P, app(1, 12).prints(&[99]));
    let mut ticket = case.only();
    case.deleted(P, "n/app", 1, 15);
    case.answered(&mut ticket, C, child(11, 14), true);
    assert_eq!(case.world.operators[0].primaries.waiting(), 0);
    case.applied(C, child(11, 14));
    assert_eq!((case.world.cached(C), case.waiting()), (0, 0));
}

#[test]
fn children_that_came_first_are_there_in_the_first_run() {
    let mut case = Case::ready(vec![], vec![]);
    case.applied(C, child(11, 13));
    case.applied(P, app(1, 12));
    let ticket = case.only();
    assert_eq!(sees(&ticket, C), [13]);
    case.finish(ticket, DONE);
    case.bookmark(P, 20);
    assert_eq!((case.rest(), case.world.cached(C), case.waiting()), (0, 1, 0));
}

#[test]
fn a_child_that_another_operator_needs_is_kept() {
    let mut world = World::default();
    let caches = [(); 4].map(|()| world.add_cache(&[]));
    for (primary, name) in [(caches[0], "P"), (caches[3], "Q")] {
        let sources = [primary, C, D].map(|cache| Source { cache, projection: 0 }).to_vec();
        let declaration = Declaration { primary: kind(name, true), ..declaration(None) };
        world.add_operator(&declaration, sources, owned_by(name), PACE, 2, 7);
    }
    let mut case = Case { world, start: Instant::now(), ms: 0 };
    case.list(P, [app(1, 3)], 10);
    case.list(caches[3], [object("n/q", 2, 4)], 10);
    case.list(C, [child(11, 5)], 10);
    case.list(D, [], 10);
    assert_eq!(case.rest(), 2);
    case.applied(C, object("n/child", 11, 12).controlled("Q", 2));
    assert_eq!((words(&case.pop_of(0).unwrap()), words(&case.pop_of(1).unwrap())), ("c".to_owned(), "c".to_owned()));
    case.deleted(P, "n/app", 1, 13);
    assert_eq!(case.world.cached(C), 1);
    case.deleted(caches[3], "n/q", 2, 14);
    assert_eq!(case.world.cached(C), 0);
}

#[test]
fn a_restart_has_every_primary_run_once() {
    let mut case = Case::ready(vec![app(1, 3), object("n/other", 2, 4)], vec![child(11, 5)]);
    assert_eq!(case.rest(), 0);
    case.applied(C, child(11, 12).prints(&[99]));
    case.world.restart(case.now());
    let (first, second) = (case.pop().unwrap(), case.pop().unwrap());
    let mut triggers = [words(&first), words(&second)];
    triggers.sort();
    assert_eq!(triggers, ["c, startup", "startup"]);
    case.finish(first, DONE);
    case.finish(second, DONE);
    assert_eq!(case.rest(), 0);
    // Before the start there is nothing to begin anew: each runs once anyway.
    let mut early = Case::new(1);
    early.list(P, [app(1, 3)], 10);
    early.world.restart(early.now());
    assert!(early.pop().is_none());
    early.list(C, [], 10);
    early.list(D, [], 10);
    assert_eq!(words(&early.only()), "startup");
}
