//! The waits after failures.

use super::*;

#[test]
fn the_wait_after_failures_doubles_up_to_its_limit() {
    let mut q = Clocked::new(Pace { max_backoff: Duration::from_secs(3), ..PACE });
    q.fail(A);
    for nominal in [100, 200, 400, 800, 1600, 3000, 3000, 3000] {
        let wait = q.sleep();
        assert!((nominal * 8 / 10..=nominal * 12 / 10 + 1).contains(&wait), "{wait} ms instead of {nominal}");
        assert_eq!(q.flags(), Flags { retry: true, ..Flags::default() });
        q.finish(A, Finish::Failed, FAILED);
    }
    q.sleep();
    q.pop();
    q.finish(A, FULL, Next::Rest);
    assert_eq!(q.deadline(), None);
    q.fail(A);
    assert!(q.sleep() <= 121, "a success ends the row");
}

#[test]
fn very_many_failures_do_not_overflow() {
    let mut q = Clocked::new(PACE);
    q.fail(A);
    for _ in 0..200 {
        q.sleep();
        q.pop();
        q.finish(A, Finish::Failed, FAILED);
    }
    assert!(q.sleep() <= 72_001);
}

#[test]
fn an_edit_resets_the_backoff_and_keeps_the_retry() {
    let mut q = Clocked::new(PACE);
    q.fail(A);
    for _ in 0..8 {
        q.sleep();
        q.pop();
        q.finish(A, Finish::Failed, FAILED);
    }
    // Even if the edit is of no interest to the predicate, so that nobody calls `wake`.
    q.queue.reset_backoff(A, q.now());
    assert!(q.flags().retry);
    q.finish(A, Finish::Failed, FAILED);
    assert!(q.sleep() <= 121);
}

#[test]
fn an_edit_during_a_run_resets_the_backoff_of_its_failure() {
    let mut q = Clocked::new(PACE);
    q.fail(A);
    for _ in 0..8 {
        q.sleep();
        q.pop();
        q.finish(A, Finish::Failed, FAILED);
    }
    q.sleep();
    q.pop();
    q.queue.reset_backoff(A, q.now());
    q.finish(A, Finish::Failed, FAILED);
    assert!(q.sleep() <= 121);
}

#[test]
fn an_edit_without_failure_runs_nothing() {
    let mut q = Clocked::new(PACE);
    q.queue.reset_backoff(A, q.now());
    assert_eq!((q.pop(), q.deadline()), (None, None));
}

#[test]
fn a_storm_of_news_earns_one_early_try_per_scheduled_retry() {
    let mut q = Clocked::new(PACE);
    q.fail(A);
    let (mut early, mut scheduled) = (0, 0);
    while q.ms < 20_000 {
        q.ms += 1;
        let due = q.deadline().is_some_and(|deadline| deadline < q.ms);
        q.wake(A);
        if q.pop() == Some(A) {
            *if due { &mut scheduled } else { &mut early } += 1;
            // Something changed during this run, too.
            q.finish(A, Finish::Failed, Next::Retry { news: true });
        }
    }
    assert!((4..9).contains(&scheduled), "{scheduled} scheduled");
    assert!(early == scheduled || early == scheduled + 1, "{early} early and {scheduled} scheduled");
}

#[test]
fn what_the_last_run_knew_does_not_shorten_the_wait() {
    let mut q = Clocked::new(PACE);
    q.fail(A);
    q.queue.wake(A, false, Duration::ZERO, q.now());
    assert_eq!(q.pop(), None);
}

#[test]
fn a_demand_does_not_shorten_the_wait() {
    let mut q = Clocked::new(PACE);
    q.fail(A);
    let due = q.deadline();
    q.demand(A, Lane::Live, |flags| flags.external = true);
    assert_eq!((q.pop(), q.deadline()), (None, due));
    q.sleep();
    assert_eq!(q.flags(), Flags { retry: true, external: true, ..Flags::default() });
}

#[test]
fn a_demand_during_a_failing_run_waits_with_the_retry() {
    let mut q = Clocked::new(PACE);
    q.wake(A);
    q.pop();
    q.demand(A, Lane::Live, |flags| flags.external = true);
    q.finish(A, Finish::Failed, FAILED);
    assert_eq!(q.pop(), None);
    q.sleep();
    assert!(q.flags().external);
}

#[test]
fn runs_that_cannot_vouch_for_what_they_saw_are_repeated_ever_more_slowly() {
    let mut q = Clocked::new(PACE);
    q.wake(A);
    for nominal in [100, 200, 400, 800] {
        assert_eq!(q.pop(), Some(A));
        q.finish(A, FULL, FAILED);
        assert_eq!(q.pop(), None);
        assert!(q.sleep() >= nominal * 8 / 10);
    }
}

#[test]
fn a_wait_that_is_named_is_kept_and_counts_for_no_failure() {
    let mut q = Clocked::new(PACE);
    q.fail(A);
    for wait in [5_000, 700, 5_000] {
        q.sleep();
        q.pop();
        q.finish(A, Finish::FailedFor { wait: Duration::from_millis(wait) }, FAILED);
        assert_eq!(q.deadline(), Some(q.ms + wait));
    }
    // The second failure of the backoff.
    q.sleep();
    q.pop();
    q.finish(A, Finish::Failed, FAILED);
    assert!((160..=241).contains(&q.sleep()));
    q.pop();
    q.finish(A, Finish::FailedFor { wait: Duration::ZERO }, FAILED);
    assert_eq!(q.sleep(), 101, "no sooner than after the first wait");
}

#[test]
fn a_restart_ends_every_wait_and_forgets_failures() {
    let mut q = Clocked::new(PACE);
    q.fail(A);
    for _ in 0..8 {
        q.sleep();
        q.pop();
        q.finish(A, Finish::Failed, FAILED);
    }
    q.queue.restart(A, q.now());
    q.queue.restart(A, q.now());
    assert_eq!(q.flags(), Flags { startup: true, ..Flags::default() });
    assert_eq!(q.pop(), None);
    // And during a run.
    q.queue.restart(A, q.now());
    q.finish(A, FULL, Next::Rest);
    assert!(q.flags().startup);
    q.finish(A, Finish::Failed, FAILED);
    assert!(q.sleep() <= 121, "the first failure");
}
