//! When handlers run instead of the full reconcile.

use super::*;

#[test]
fn handlers_run_only_if_every_differing_secondary_has_one() {
    let mut case = Case::ready(vec![app(1, 3)], vec![child(11, 5)]);
    case.applied(D, object("n/d", 12, 12).of(1));
    let ticket = case.only();
    assert_eq!(ticket.task, Task::Handle(vec![1]));
    case.finish(ticket, Outcome::Handled { requeue: None });
    case.applied(D, object("n/d", 12, 13).of(1).prints(&[99]));
    case.applied(C, child(11, 14).prints(&[98]));
    let ticket = case.only();
    assert_eq!((ticket.task.clone(), words(&ticket)), (Task::Reconcile, "c, d".to_owned()));
    case.finish(ticket, DONE);
    case.applied(D, object("n/d", 12, 15).of(1).prints(&[97]));
    case.world.external(OperatorId(0), &key("n/app"), case.now());
    let ticket = case.only();
    assert_eq!((ticket.task.clone(), words(&ticket)), (Task::Reconcile, "d, external".to_owned()));
}

#[test]
fn a_failed_handler_is_followed_by_a_full_run() {
    let mut case = Case::ready(vec![app(1, 3)], vec![]);
    case.applied(D, object("n/d", 12, 12).of(1));
    let ticket = case.only();
    case.finish(ticket, Outcome::Failed);
    case.ms += 1000;
    assert_eq!(case.only().task, Task::Reconcile);
}
