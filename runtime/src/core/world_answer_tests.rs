//! What the answers of a run's own writes mean to it.

use super::*;

#[test]
fn the_echo_of_a_proven_write_wakes_nobody() {
    let mut case = Case::ready(vec![app(1, 3)], vec![]);
    case.applied(P, app(1, 12).prints(&[99]));
    let mut ticket = case.only();
    case.answered(&mut ticket, C, child(11, 13), true);
    case.answered(&mut ticket, P, app(1, 14).prints(&[99]), false);
    case.finish(ticket, DONE);
    assert_eq!(case.rest(), 0);
    case.applied(C, child(11, 13));
    case.applied(P, app(1, 14).prints(&[99]));
    assert_eq!((case.rest(), case.waiting()), (0, 0));
}

#[test]
fn the_echo_that_comes_before_the_answer_wakes_nobody() {
    let mut case = Case::ready(vec![app(1, 3)], vec![]);
    case.applied(P, app(1, 12).prints(&[99]));
    let mut ticket = case.only();
    case.applied(C, child(11, 13));
    case.answered(&mut ticket, C, child(11, 13), true);
    case.finish(ticket, DONE);
    assert_eq!((case.rest(), case.waiting()), (0, 0));
}

#[test]
fn an_own_delete_wakes_nobody() {
    let mut case = Case::ready(vec![app(1, 3)], vec![child(11, 5)]);
    case.applied(P, app(1, 12).prints(&[99]));
    let mut ticket = case.only();
    case.delete(&mut ticket, C, "n/child", 11);
    case.finish(ticket, DONE);
    assert_eq!(case.rest(), 0);
    case.deleted(C, "n/child", 11, 14);
    assert_eq!((case.rest(), case.waiting()), (0, 0));
}

#[test]
fn an_unproven_answer_that_differs_costs_one_more_run() {
    let mut case = Case::ready(vec![app(1, 3)], vec![child(11, 5)]);
    case.applied(P, app(1, 12).prints(&[99]));
    let mut ticket = case.only();
    case.answered(&mut ticket, C, child(11, 13).prints(&[98]), false);
    case.finish(ticket, DONE);
    // Even if somebody takes it back to what the run started from.
    case.applied(C, child(11, 14));
    case.ms += 121;
    let ticket = case.only();
    assert_eq!(sees(&ticket, C), [14]);
    case.finish(ticket, DONE);
    case.ms += 1000;
    assert_eq!(case.rest(), 0);
}

#[test]
fn an_unproven_answer_that_does_not_differ_costs_nothing() {
    let mut case = Case::ready(vec![app(1, 3)], vec![child(11, 5)]);
    case.applied(P, app(1, 12).prints(&[99]));
    let mut ticket = case.only();
    case.answered(&mut ticket, C, child(11, 13), false);
    case.finish(ticket, DONE);
    case.ms += 1000;
    assert_eq!(case.rest(), 0);
}

#[test]
fn of_two_answers_the_older_one_proves_nothing_if_it_comes_last() {
    let mut case = Case::ready(vec![app(1, 3)], vec![child(11, 5)]);
    case.applied(P, app(1, 12).prints(&[99]));
    let mut ticket = case.only();
    // The first write makes 13, somebody takes that back by 14, and the second write is made on the ground of 14.
    case.answered(&mut ticket, C, child(11, 15).prints(&[98]), true);
    case.answered(&mut ticket, C, child(11, 13).prints(&[97]), true);
    assert_eq!(sees(&ticket, C), [15]);
    assert!(ticket.sight.is_poisoned(), "what has become of the first one is unknown");
}

#[test]
fn an_answer_that_is_no_longer_ours_is_no_secondary() {
    let mut case = Case::ready(vec![app(1, 3)], vec![child(11, 5)]);
    case.applied(P, app(1, 12).prints(&[99]));
    let mut ticket = case.only();
    case.answered(&mut ticket, C, object("n/child", 11, 13).of(2), false);
    assert_eq!(sees(&ticket, C), [0; 0]);
    assert!(ticket.sight.is_poisoned(), "somebody else has taken it");
    case.finish(ticket, DONE);
    // Given up by a write of the run itself, it makes no other run follow.
    let mut case = Case::ready(vec![app(1, 3)], vec![child(11, 5)]);
    case.applied(P, app(1, 12).prints(&[99]));
    let mut ticket = case.only();
    case.answered(&mut ticket, C, object("n/child", 11, 13), true);
    case.finish(ticket, DONE);
    assert_eq!(case.rest(), 0);
}

#[test]
fn runs_that_are_all_poisoned_do_not_follow_at_once() {
    let mut case = Case::ready(vec![app(1, 3)], vec![]);
    case.applied(P, app(1, 12).prints(&[99]));
    for outcome in [DONE, Outcome::Terminal, DONE, Outcome::Handled { requeue: None }] {
        let mut ticket = case.only();
        ticket.sight.poison();
        case.finish(ticket, outcome);
        assert!(case.pop().is_none());
        case.ms += 2000;
    }
    // News is not kept waiting for that.
    let mut ticket = case.only();
    ticket.sight.poison();
    case.finish(ticket, DONE);
    case.applied(P, app(1, 20).prints(&[97]));
    assert!(words(&case.only()).contains("primary"));
}
