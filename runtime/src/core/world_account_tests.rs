//! What the world counts, and what it remembers of runs.

use super::super::super::account::{Effects, RunResult, RunTask};
use super::super::super::history::{Run, pack};
use super::*;

impl Case {
    fn effects(&self, index: usize) -> (u64, u64) {
        let Effects { moved, unmoved } = self.world.operators[0].effects[index];
        (moved, unmoved)
    }
}

#[test]
fn a_change_moves_a_fingerprint_or_none() {
    let mut case = Case::ready(vec![app(1, 3)], vec![child(11, 5)]);
    assert_eq!((case.effects(0), case.effects(1)), ((1, 0), (1, 0)));
    // The same again, as after a relist.
    case.applied(C, child(11, 5));
    case.applied(C, child(11, 12));
    case.applied(P, app(1, 13));
    assert_eq!((case.effects(0), case.effects(1)), ((1, 1), (1, 2)));
    case.applied(C, child(11, 14).prints(&[99]));
    case.applied(P, app(1, 15).prints(&[98]));
    case.deleted(C, "n/child", 11, 16);
    assert_eq!((case.effects(0), case.effects(1)), ((2, 1), (3, 2)));
}

#[test]
fn what_belongs_to_nobody_moves_nothing() {
    let mut case = Case::ready(vec![app(1, 3)], vec![]);
    case.applied(C, object("n/other", 12, 20).of(7));
    assert_eq!(case.effects(1), (0, 1), "it waits for an owner that may yet be shown");
    case.bookmark(P, 40);
    case.applied(C, object("n/other", 12, 35).of(7));
    assert_eq!((case.world.shown(C).passed_by, case.effects(1).0), (1, 0));
}

#[test]
fn an_own_write_has_an_echo() {
    let mut case = Case::ready(vec![app(1, 3)], vec![child(11, 5)]);
    case.applied(C, child(11, 12).prints(&[99]));
    let mut ticket = case.only();
    case.answered(&mut ticket, C, child(11, 13).prints(&[98]), true);
    let before = case.effects(1);
    assert_eq!(case.world.shown(C).echoes, 0, "an answer is no event");
    case.applied(C, child(11, 13).prints(&[98]));
    assert_eq!(case.world.shown(C).echoes, 1);
    assert_eq!(case.effects(1), (before.0, before.1 + 1), "it moves nothing");
    case.delete(&mut ticket, C, "n/child", 11);
    case.deleted(C, "n/child", 11, 14);
    assert_eq!(case.world.shown(C).echoes, 2);
    case.finish(ticket, DONE);
    assert_eq!(case.rest(), 0);
}

#[test]
fn the_queue_counts_who_comes_and_how_long_they_wait() {
    let mut case = Case::ready(vec![app(1, 3), object("n/other", 2, 4)], vec![]);
    let turns = |case: &Case| case.world.operator_view(OperatorId(0)).turns;
    assert_eq!((turns(&case).depth, turns(&case).counts.adds), ([0, 0], 2));
    case.applied(P, app(1, 12).prints(&[99]));
    case.applied(P, object("n/other", 2, 13).prints(&[98]));
    let since = case.now();
    case.ms += 40;
    assert_eq!((turns(&case).depth, turns(&case).oldest), ([2, 0], Some(since)));
    let (ticket, other) = (case.pop().unwrap(), case.pop().unwrap());
    case.finish(ticket, Outcome::Failed);
    case.finish(other, DONE);
    let turns = turns(&case);
    assert_eq!((turns.depth, turns.oldest, turns.counts.adds, turns.counts.retries), ([0, 0], None, 4, 1));
    assert_eq!((turns.timers, turns.counts.waits.count()), (1, 4));
    assert_eq!(turns.counts.waits.sum, Duration::from_millis(80));
}

#[test]
fn a_primary_is_remembered_for_as_long_as_it_is_the_same() {
    let mut case = Case::ready(vec![app(1, 3)], vec![child(11, 5)]);
    let remember = |case: &mut Case, rv: u64| {
        case.applied(C, child(11, rv).prints(&[rv.into()]));
        let ticket = case.only();
        let place = |name: &str| ["c", "d"].iter().position(|other| *other == name).unwrap();
        let run = Run {
            began: case.now(),
            took: Duration::from_millis(5),
            task: RunTask::Reconcile,
            result: RunResult::Success,
            triggers: pack(&ticket.triggers, place),
            writes: 2,
            written: 0b10,
            provoked: true,
        };
        case.world.remember(ticket.operator, ticket.id, ticket.uid, &run, Some((1, key("n/child"))));
        case.finish(ticket, DONE);
    };
    (20..22).for_each(|rv| remember(&mut case, rv));
    let memory = case.world.memory(OperatorId(0), &key("n/app")).unwrap();
    let words: Vec<String> = memory.last.iter().map(|last| last.triggers.to_string()).collect();
    assert_eq!((memory.runs, words, memory.provoker), (2, vec!["c".to_owned(); 2], Some((1, key("n/child")))));
    // Another object of the name.
    case.applied(P, app(2, 30));
    assert_eq!(case.world.memory(OperatorId(0), &key("n/app")).unwrap().runs, 0);
    case.deleted(P, "n/app", 2, 31);
    assert!(case.world.memory(OperatorId(0), &key("n/app")).is_none());
}
