//! The waits for further changes.

use super::*;

const SHORT: Duration = Duration::from_millis(20);
const LONG: Duration = Duration::from_millis(50);

impl Clocked {
    /// A change that waits for further ones.
    fn change(&mut self, id: EntryId, debounce: Duration) {
        self.queue.wake(id, true, debounce, self.now());
    }
}

#[test]
fn a_debounce_collects_changes_up_to_ten_times_its_length() {
    let mut q = Clocked::new(PACE);
    q.change(A, LONG);
    assert_eq!((q.pop(), q.deadline()), (None, Some(50)));
    for ms in (40..=480).step_by(40) {
        q.ms = ms;
        assert_eq!(q.pop(), None, "at {ms} ms");
        q.change(A, LONG);
        assert_eq!(q.deadline(), Some((ms + 50).min(500)));
    }
    q.ms = 500;
    assert_eq!([q.pop(), q.pop()], [Some(A), None]);
    q.finish(A, FULL, Next::Wake { debounce: LONG });
    assert_eq!(q.deadline(), Some(550), "the next wait begins anew");
}

#[test]
fn what_has_no_debounce_waits_for_none() {
    let mut q = Clocked::new(PACE);
    q.change(A, LONG);
    q.ms = 30;
    q.change(A, Duration::ZERO);
    assert_eq!([q.pop(), q.pop()], [Some(A), None]);
    q.finish(A, FULL, Next::Rest);
    assert_eq!(q.deadline(), None, "and the wait is over");
    q.ms = 200;
    assert_eq!(q.pop(), None);
}

#[test]
fn what_has_a_shorter_debounce_waits_for_no_longer_one() {
    let mut q = Clocked::new(PACE);
    q.change(A, LONG);
    q.ms = 10;
    q.change(A, SHORT);
    assert_eq!(q.deadline(), Some(30));
    q.ms = 30;
    assert_eq!(q.pop(), Some(A));
}

#[test]
fn a_change_after_a_long_wait_for_others_does_not_wait_again() {
    let mut q = Clocked::new(PACE);
    while q.ms < 400 {
        q.change(A, LONG);
        q.ms += 40;
        assert_eq!(q.pop(), None, "at {} ms", q.ms);
    }
    q.change(A, SHORT);
    assert_eq!(q.pop(), Some(A), "ten times the shorter one are over");
}

#[test]
fn a_demand_does_not_wait_for_the_debounce() {
    let mut q = Clocked::new(PACE);
    q.change(A, LONG);
    q.demand(A, Lane::Live, |flags| flags.external = true);
    assert_eq!(q.pop(), Some(A));
    q.finish(A, FULL, Next::Rest);
    assert_eq!(q.deadline(), None, "the change was seen by that run");
}

#[test]
fn a_requeue_that_is_due_ends_the_debounce() {
    let mut q = Clocked::new(PACE);
    q.requeued(A);
    q.ms = 980;
    q.change(A, LONG);
    assert_eq!(q.deadline(), Some(1000));
    q.ms = 1000;
    assert_eq!(q.flags(), Flags { requeue: true, ..Flags::default() });
    q.finish(A, FULL, Next::Rest);
    assert_eq!(q.deadline(), None);
}

#[test]
fn what_changed_during_a_run_waits_for_further_changes() {
    let mut q = Clocked::new(PACE);
    q.wake(A);
    assert_eq!(q.pop(), Some(A));
    q.change(A, LONG);
    q.ms = 100;
    q.finish(A, FULL, Next::Wake { debounce: LONG });
    assert_eq!((q.pop(), q.deadline()), (None, Some(150)));
}

#[test]
fn the_early_try_after_a_failure_does_not_wait() {
    let mut q = Clocked::new(PACE);
    q.fail(A);
    q.change(A, LONG);
    assert_eq!(q.pop(), Some(A));
}
