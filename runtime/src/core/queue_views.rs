//! What others may know of a queue.

#![cfg_attr(not(feature = "server"), allow(dead_code, reason = "only the port shows all of it"))]

use std::time::Instant;

use super::super::account::Queued;
use super::{EntryId, Lane, Queue, State};

/// What is to come for one entry.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Times {
    /// `idle`, `waiting` or `running`.
    pub(crate) state: &'static str,
    /// The end of the wait for further changes.
    pub(crate) debounce: Option<Instant>,
    pub(crate) requeue: Option<Instant>,
    pub(crate) resync: Option<Instant>,
    pub(crate) retry: Option<Instant>,
    /// Failures in a row, this far.
    pub(crate) failures: u32,
}

impl Times {
    /// What comes first, and when. While a retry is due, nothing else counts.
    pub(crate) fn next(&self) -> Option<(&'static str, Instant)> {
        if let Some(retry) = self.retry {
            return Some(("retry", retry));
        }
        let times = [("debounce", self.debounce), ("requeue", self.requeue), ("resync", self.resync)];
        times.into_iter().filter_map(|(word, at)| Some((word, at?))).min_by_key(|(_, at)| *at)
    }
}

/// One entry that waits for its turn.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Turn {
    pub(crate) id: EntryId,
    pub(crate) since: Instant,
}

/// A queue at one moment.
#[derive(Clone, Debug, Default)]
pub(crate) struct Turns {
    /// Entries in the live lane, and in the other one.
    pub(crate) depth: [usize; 2],
    /// When the entry came that waits longest.
    pub(crate) oldest: Option<Instant>,
    /// Entries that a time is set for.
    pub(crate) timers: usize,
    pub(crate) counts: Queued,
}

/// So many places that were left are passed over at most in the search for one that was not.
const LEFT: usize = 10_000;

impl Queue {
    /// What the queue is and has done.
    pub(crate) fn turns(&self) -> Turns {
        let first = |lane| self.waiting(lane).next().map(|turn| turn.since);
        Turns {
            depth: self.depth,
            oldest: [first(Lane::Live), first(Lane::Background)].into_iter().flatten().min(),
            timers: self.timers.len(),
            counts: self.counts.clone(),
        }
    }

    /// Who waits in a lane, in the order of their turns.
    pub(crate) fn waiting(&self, lane: Lane) -> impl Iterator<Item = Turn> {
        let queue = if lane == Lane::Live { &self.live } else { &self.background };
        let slot = |id: EntryId| self.slots.get(id.0 as usize)?.as_ref();
        let is_current = move |id, ticket| slot(id).is_some_and(|slot| slot.state == State::Queued(ticket));
        let current = queue.iter().take(LEFT).filter(move |(_, id, ticket)| is_current(*id, *ticket));
        current.map(move |&(since, id, _)| Turn { id, since })
    }

    /// The next entries that a time is set for, with that time.
    pub(crate) fn next_timers(&self) -> impl Iterator<Item = (Instant, EntryId)> {
        self.timers.iter().copied()
    }

    /// What is to come for one entry.
    pub(crate) fn times(&self, id: EntryId) -> Option<Times> {
        let slot = self.slots.get(id.0 as usize)?.as_ref()?;
        let state = match slot.state {
            State::Idle => "idle",
            State::Queued(_) => "waiting",
            State::Running => "running",
        };
        Some(Times {
            state,
            debounce: slot.debounce.map(|(_, until)| until),
            requeue: slot.requeue,
            resync: slot.resync,
            retry: slot.retry,
            failures: slot.failures,
        })
    }
}
