//! What the queue knows of one entry.

use std::time::Instant;

use super::{Flags, Lane};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    Idle,
    /// Waits in a lane; the ticket tells a current place from one that was left.
    Queued(u64),
    Running,
}

#[derive(Debug)]
pub(super) struct Slot {
    pub(super) state: State,
    pub(super) lane: Lane,
    pub(super) flags: Flags,
    /// The first of the changes that are being waited out, and when the wait ends.
    pub(super) debounce: Option<(Instant, Instant)>,
    pub(super) requeue: Option<Instant>,
    pub(super) resync: Option<Instant>,
    /// The end of the wait after a failure. While it is set, no other timer counts.
    pub(super) retry: Option<Instant>,
    pub(super) failures: u32,
    /// One run before the end of the wait is allowed, since something changed; given back by a scheduled retry.
    pub(super) early: bool,
    /// Where this slot stands in `timers`.
    pub(super) timer: Option<Instant>,
}

impl Slot {
    pub(super) fn idle() -> Self {
        Self {
            state: State::Idle,
            lane: Lane::Background,
            flags: Flags::default(),
            debounce: None,
            requeue: None,
            resync: None,
            retry: None,
            failures: 0,
            early: true,
            timer: None,
        }
    }

    /// Its next time. An entry that is queued or runs has none: its times count afterwards.
    pub(super) fn next(&self) -> Option<Instant> {
        match (self.state, self.retry) {
            (State::Queued(_) | State::Running, _) => None,
            (State::Idle, Some(retry)) => Some(retry),
            (State::Idle, None) => {
                [self.debounce.map(|(_, until)| until), self.requeue, self.resync].into_iter().flatten().min()
            }
        }
    }
}
