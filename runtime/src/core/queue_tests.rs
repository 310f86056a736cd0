use super::*;

#[path = "queue_backoff_tests.rs"]
mod backoff;
#[path = "queue_debounce_tests.rs"]
mod debounce;

const PACE: Pace = Pace {
    debounce: Duration::ZERO,
    resync: None,
    backoff: Duration::from_millis(100),
    max_backoff: Duration::from_secs(60),
};
const FULL: Finish = Finish::Full { requeue: None };
const FAILED: Next = Next::Retry { news: false };
const A: EntryId = EntryId(0);
const B: EntryId = EntryId(1);
const C: EntryId = EntryId(2);

/// A queue and its clock, in milliseconds.
struct Clocked {
    queue: Queue,
    start: Instant,
    ms: u64,
}

impl Clocked {
    /// A queue with the entries A, B and C.
    fn new(pace: Pace) -> Self {
        let mut queue = Queue::new(pace, 7);
        for id in [A, B, C] {
            queue.insert(id);
        }
        Self { queue, start: Instant::now(), ms: 0 }
    }

    fn now(&self) -> Instant {
        self.start + Duration::from_millis(self.ms)
    }

    /// The time of the next deadline, in milliseconds since the start.
    fn deadline(&self) -> Option<u64> {
        Some(self.queue.deadline()?.duration_since(self.start).as_millis() as u64)
    }

    fn wake(&mut self, id: EntryId) {
        self.queue.wake(id, true, self.queue.pace.debounce, self.now());
    }

    fn demand(&mut self, id: EntryId, lane: Lane, flag: impl FnOnce(&mut Flags)) {
        self.queue.demand(id, lane, self.now(), flag);
    }

    fn pop(&mut self) -> Option<EntryId> {
        self.queue.pop(self.now()).map(|(id, _)| id)
    }

    fn flags(&mut self) -> Flags {
        self.queue.pop(self.now()).expect("nothing is due").1
    }

    fn finish(&mut self, id: EntryId, finish: Finish, next: Next) {
        self.queue.finish(id, finish, next, self.now());
    }

    /// Wakes and runs an entry, which fails.
    fn fail(&mut self, id: EntryId) {
        self.wake(id);
        assert_eq!(self.pop(), Some(id));
        self.finish(id, Finish::Failed, FAILED);
    }

    /// Lets the time pass until the next deadline; returns how long that took.
    fn sleep(&mut self) -> u64 {
        let before = self.ms;
        // Deadlines are finer than milliseconds.
        self.ms = self.deadline().expect("no deadline") + 1;
        self.ms - before
    }

    /// Runs an entry that asked for a requeue in 1 s.
    fn requeued(&mut self, id: EntryId) {
        self.wake(id);
        assert_eq!(self.pop(), Some(id));
        self.finish(id, Finish::Full { requeue: Some(Duration::from_secs(1)) }, Next::Rest);
        assert_eq!(self.deadline(), Some(self.ms + 1000));
    }
}

#[test]
fn entries_of_a_lane_are_served_in_their_order() {
    let mut q = Clocked::new(PACE);
    for id in [B, C, A, B] {
        q.wake(id);
    }
    assert_eq!([q.pop(), q.pop(), q.pop(), q.pop()], [Some(B), Some(C), Some(A), None]);
}

#[test]
fn live_changes_come_before_the_background() {
    let mut q = Clocked::new(PACE);
    q.demand(A, Lane::Background, |flags| flags.startup = true);
    q.ms += 900;
    q.wake(B);
    assert_eq!([q.pop(), q.pop()], [Some(B), Some(A)]);
}

#[test]
fn an_endless_stream_of_changes_does_not_starve_the_background() {
    let mut q = Clocked::new(PACE);
    q.demand(A, Lane::Background, |flags| flags.startup = true);
    for id in [B, C] {
        q.wake(id);
    }
    while q.ms < 2000 {
        q.ms += 10;
        let id = q.pop().expect("the stream is endless");
        if id == A {
            break;
        }
        q.finish(id, FULL, Next::Rest);
        q.wake(id);
    }
    assert!((1000..1100).contains(&q.ms), "served after {} ms", q.ms);
}

#[test]
fn a_change_moves_an_entry_out_of_the_background() {
    let mut q = Clocked::new(PACE);
    for id in [A, B] {
        q.demand(id, Lane::Background, |flags| flags.startup = true);
    }
    q.wake(B);
    let (id, flags) = q.queue.pop(q.now()).unwrap();
    assert!(id == B && flags.startup, "the demand is not forgotten");
    assert_eq!([q.pop(), q.pop()], [Some(A), None]);
}

#[test]
fn a_primary_never_runs_twice_at_once() {
    let mut q = Clocked::new(PACE);
    q.wake(A);
    assert_eq!(q.pop(), Some(A));
    q.wake(A);
    q.demand(A, Lane::Live, |flags| flags.external = true);
    q.queue.reset_backoff(A, q.now());
    assert_eq!((q.pop(), q.deadline()), (None, None));
    q.finish(A, FULL, Next::Rest);
    assert!(q.flags().external, "what was demanded meanwhile follows");
    assert_eq!(q.pop(), None);
}

#[test]
fn what_changed_during_a_run_makes_another_one_follow() {
    let mut q = Clocked::new(PACE);
    for id in [A, B] {
        q.wake(id);
    }
    assert_eq!(q.pop(), Some(A));
    q.finish(A, FULL, Next::Wake { debounce: Duration::ZERO });
    assert_eq!([q.pop(), q.pop(), q.pop()], [Some(B), Some(A), None]);
}

#[test]
fn a_full_run_replaces_the_pending_requeue() {
    let mut q = Clocked::new(PACE);
    q.requeued(A);
    q.wake(A);
    q.pop();
    q.finish(A, Finish::Full { requeue: Some(Duration::from_secs(5)) }, Next::Rest);
    assert_eq!(q.deadline(), Some(5000));
    q.wake(A);
    q.pop();
    q.finish(A, FULL, Next::Rest);
    assert_eq!(q.deadline(), None);
}

#[test]
fn a_split_run_only_brings_the_requeue_forward() {
    let mut q = Clocked::new(PACE);
    for (asked, expected) in [(None, 1000), (Some(5000), 1000), (Some(400), 400)] {
        q.requeued(B);
        q.requeued(A);
        q.wake(A);
        assert_eq!(q.pop(), Some(A));
        q.finish(A, Finish::Split { requeue: asked.map(Duration::from_millis) }, Next::Rest);
        assert_eq!(q.deadline(), Some(expected), "{asked:?}");
    }
}

#[test]
fn a_trigger_never_loses_the_requeue() {
    let mut q = Clocked::new(PACE);
    q.requeued(A);
    q.wake(A);
    q.demand(A, Lane::Live, |flags| flags.external = true);
    assert_eq!(q.pop(), Some(A));
    assert_eq!(q.deadline(), None);
    q.ms = 1500;
    q.finish(A, Finish::Failed, FAILED);
    assert!(q.sleep() >= 80, "not before the retry");
    assert_eq!(q.flags(), Flags { requeue: true, retry: true, ..Flags::default() });
    assert_eq!(q.deadline(), None);
}

#[test]
fn again_comes_after_those_who_wait() {
    let mut q = Clocked::new(PACE);
    for id in [A, B] {
        q.wake(id);
    }
    assert_eq!(q.pop(), Some(A));
    q.finish(A, Finish::Full { requeue: Some(Duration::ZERO) }, Next::Rest);
    assert_eq!([q.pop(), q.pop()], [Some(B), Some(A)]);
}

#[test]
fn a_resync_is_spread_and_restarted_by_each_full_run() {
    let mut q = Clocked::new(Pace { resync: Some(Duration::from_secs(100)), ..PACE });
    let mut waits = Vec::new();
    for _ in 0..50 {
        q.wake(A);
        assert_eq!(q.pop(), Some(A));
        q.finish(A, FULL, Next::Rest);
        waits.push(q.deadline().unwrap() - q.ms);
        q.ms += 50_000;
        assert_eq!(q.pop(), None, "restarted 50 s ago");
    }
    let (min, max) = (*waits.iter().min().unwrap(), *waits.iter().max().unwrap());
    assert!(min >= 80_000 && max <= 120_000 && max - min > 25_000, "{min}..{max}");
    let due = q.deadline();
    q.wake(A);
    q.pop();
    q.finish(A, Finish::Split { requeue: None }, Next::Rest);
    assert_eq!(q.deadline(), due, "a split run looks at a part only");
    q.sleep();
    assert_eq!(q.flags(), Flags { resync: true, ..Flags::default() });
}

#[test]
fn a_resync_comes_after_live_changes() {
    let mut q = Clocked::new(Pace { resync: Some(Duration::from_secs(100)), ..PACE });
    q.wake(A);
    q.pop();
    q.finish(A, FULL, Next::Rest);
    q.sleep();
    q.queue.fire(q.now());
    q.wake(B);
    assert_eq!([q.pop(), q.pop()], [Some(B), Some(A)]);
}

#[test]
fn a_terminal_failure_waits_for_a_change() {
    let mut q = Clocked::new(PACE);
    q.requeued(A);
    q.wake(A);
    q.pop();
    q.finish(A, Finish::Terminal, Next::Rest);
    assert_eq!((q.pop(), q.deadline()), (None, None));
    q.wake(A);
    assert_eq!(q.pop(), Some(A));
}

#[test]
fn a_pop_in_vain_leaves_the_deadlines_as_they_were() {
    let mut q = Clocked::new(Pace { resync: Some(Duration::from_secs(100)), ..PACE });
    q.requeued(A);
    let slot = |q: &Clocked| q.queue.slots[0].as_ref().map(|slot| (slot.requeue, slot.resync, slot.failures));
    let before = slot(&q);
    q.ms = 500;
    q.wake(A);
    assert_eq!(q.pop(), Some(A));
    q.finish(A, Finish::Vain, Next::Rest);
    assert_eq!((slot(&q), q.deadline()), (before, Some(1000)));
}

#[test]
fn a_removed_entry_leaves_no_timer_and_no_turn() {
    let mut q = Clocked::new(PACE);
    q.requeued(A);
    q.fail(B);
    q.wake(C);
    for id in [A, B, C] {
        q.queue.remove(id);
    }
    q.ms = 100_000;
    assert_eq!((q.pop(), q.deadline(), q.queue.depth()), (None, None, 0));
    q.wake(A);
    q.demand(A, Lane::Live, |flags| flags.external = true);
    q.finish(A, FULL, Next::Wake { debounce: Duration::ZERO });
    assert_eq!(q.pop(), None, "an unknown entry is ignored");
}

#[test]
fn an_entry_that_is_used_again_has_nothing_of_the_old_one() {
    let mut q = Clocked::new(PACE);
    q.wake(A);
    q.queue.remove(A);
    q.queue.insert(A);
    assert_eq!(q.pop(), None, "the old place in the lane is void");
    q.wake(A);
    assert_eq!([q.pop(), q.pop()], [Some(A), None]);
}

#[test]
fn an_object_that_takes_over_a_name_inherits_only_the_place() {
    let mut q = Clocked::new(PACE);
    q.requeued(A);
    q.demand(A, Lane::Live, |flags| flags.external = true);
    q.queue.insert(A);
    assert_eq!(q.flags(), Flags::default());
    q.queue.insert(A);
    q.wake(A);
    assert_eq!(q.pop(), None, "the run of the old object goes on");
    q.finish(A, Finish::Vain, Next::Wake { debounce: Duration::ZERO });
    assert_eq!((q.pop(), q.deadline()), (Some(A), None));
    q.finish(A, FULL, Next::Rest);
    q.fail(B);
    q.queue.insert(B);
    assert_eq!(q.deadline(), None, "nor a wait after a failure");
}

#[test]
fn a_storm_leaves_no_more_places_than_entries() {
    let mut q = Clocked::new(PACE);
    for i in 0..1000 {
        q.demand(A, Lane::Background, |flags| flags.startup = true);
        q.wake(A);
        if i % 3 == 0 {
            assert_eq!(q.pop(), Some(A));
            q.finish(A, FULL, Next::Wake { debounce: Duration::ZERO });
        }
    }
    assert_eq!(q.queue.depth(), 1);
    assert!(q.queue.live.len() <= 2 && q.queue.background.len() <= 1, "{:?}", q.queue);
}

#[test]
fn the_wait_of_an_outage_is_short_and_leaves_no_long_one_behind() {
    let mut q = Clocked::new(PACE);
    q.wake(A);
    for _ in 0..20 {
        assert_eq!(q.pop(), Some(A));
        q.finish(A, Finish::Unreachable { after: Duration::ZERO }, FAILED);
        let wait = q.deadline().expect("no retry") - q.ms;
        assert!(wait <= 2400, "{wait} ms");
        q.ms = q.deadline().expect("no retry") + 1;
    }
    assert_eq!(q.pop(), Some(A));
    q.finish(A, Finish::Failed, FAILED);
    let wait = q.deadline().expect("no retry") - q.ms;
    assert!((2560..=3840).contains(&wait), "the sixth failure waits {wait} ms");
}
