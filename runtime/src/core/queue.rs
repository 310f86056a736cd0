//! Whose turn it is: one entry per primary, never two runs of one primary at once.

use std::collections::{BTreeSet, VecDeque};
use std::time::{Duration, Instant};

use super::account::Queued;
use super::pace::{Jitter, Pace};
use super::rules::{Rule, holds};

/// The place of a primary in its operator, stable while the primary or a run of it exists.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct EntryId(pub(crate) u32);

/// How urgent a wake-up is. Changes come before the start-up and the resync, which nobody waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lane {
    Live,
    Background,
}

/// A background entry is served like a live one that came this much later: live changes come first, and yet no stream
/// of them starves the background.
const PATIENCE: Duration = Duration::from_secs(1);

/// The longest wait of a primary whose run could not reach the API server.
const OUTAGE_BACKOFF: Duration = Duration::from_secs(2);
/// An outage counts for no more failures than this: what fails for another reason after it begins with short waits.
const OUTAGE_DOUBLINGS: u32 = 4;

/// However many changes follow, they delay a run by no more than so many times the debounce.
const MOST_DEBOUNCES: u32 = 10;

/// The queue of one operator. Entries are created by [`Queue::insert`] and served FIFO within their lane.
#[derive(Debug)]
pub(crate) struct Queue {
    pace: Pace,
    slots: Vec<Option<Slot>>,
    live: VecDeque<(Instant, EntryId, u64)>,
    background: VecDeque<(Instant, EntryId, u64)>,
    timers: BTreeSet<(Instant, EntryId)>,
    tickets: u64,
    /// Whether there may be something to take, or another deadline, since that was asked last.
    stirred: bool,
    jitter: Jitter,
    /// The entries in the live lane, and those in the other one.
    depth: [usize; 2],
    counts: Queued,
}

impl Queue {
    /// `seed` decides the spread of resyncs and retries.
    pub(crate) fn new(pace: Pace, seed: u64) -> Self {
        Self {
            pace,
            slots: Vec::new(),
            live: VecDeque::new(),
            background: VecDeque::new(),
            timers: BTreeSet::new(),
            tickets: 0,
            stirred: false,
            jitter: Jitter::new(seed),
            depth: [0; 2],
            counts: Queued::default(),
        }
    }

    /// Begins to keep an entry. If it is kept already, forgets what earlier runs asked for, since another object has
    /// taken the name; a run of it goes on, and a place in the queue stays.
    pub(crate) fn insert(&mut self, id: EntryId) {
        let i = id.0 as usize;
        if self.slots.len() <= i {
            self.slots.resize_with(i + 1, || None);
        }
        let new = match self.slots[i].take() {
            Some(Slot { state, lane, timer, .. }) => {
                let state = if holds(Rule::OneRunPerName) { state } else { self.left(state, lane) };
                Slot { state, lane, timer, ..Slot::idle() }
            }
            None => Slot::idle(),
        };
        self.slots[i] = Some(new);
        self.arm(id);
    }

    /// Forgets an entry.
    pub(crate) fn remove(&mut self, id: EntryId) {
        let Some(slot) = self.slots[id.0 as usize].take() else { return };
        self.left(slot.state, slot.lane);
        if let Some(timer) = slot.timer {
            self.timers.remove(&(timer, id));
        }
    }

    /// Something changed that this primary has not seen. Waits `debounce` for further changes: if that is zero, the primary
    /// does not wait for what changed before either.
    ///
    /// While the primary waits after a failure, `news` (the last run did not know of it) earns one run before the end of
    /// the wait; otherwise the wait goes on, and the retry will see the change.
    pub(crate) fn wake(&mut self, id: EntryId, news: bool, debounce: Duration, now: Instant) {
        let Some(slot) = self.slot(id) else { return };
        match slot.state {
            State::Running => {}
            State::Queued(_) if slot.lane == Lane::Live => {}
            State::Queued(_) => self.enqueue(id, Lane::Live, now),
            State::Idle if slot.retry.is_some() => {
                if news && slot.early {
                    slot.early = false;
                    slot.flags.retry = true;
                    self.enqueue(id, Lane::Live, now);
                }
            }
            State::Idle if debounce.is_zero() => self.enqueue(id, Lane::Live, now),
            State::Idle => {
                let first = slot.debounce.map_or(now, |(first, _)| first);
                slot.debounce = Some((first, (now + debounce).min(first + debounce * MOST_DEBOUNCES)));
                self.arm(id);
            }
        }
    }

    /// Whether an entry waits for further changes.
    pub(crate) fn is_debounced(&self, id: EntryId) -> bool {
        self.slots.get(id.0 as usize).and_then(Option::as_ref).is_some_and(|slot| slot.debounce.is_some())
    }

    /// A wait for further changes lasts no longer than this from now on; it is not begun by that, nor prolonged.
    pub(crate) fn hasten(&mut self, id: EntryId, debounce: Duration, now: Instant) {
        let Some(slot) = self.slot(id) else { return };
        if let Some((_, until)) = &mut slot.debounce {
            *until = (*until).min(now + debounce);
            self.arm(id);
        }
    }

    /// The entry is to run whether anything changed or not.
    pub(crate) fn demand(&mut self, id: EntryId, lane: Lane, now: Instant, flag: impl FnOnce(&mut Flags)) {
        let Some(slot) = self.slot(id) else { return };
        flag(&mut slot.flags);
        match slot.state {
            State::Idle if slot.retry.is_none() => self.enqueue(id, lane, now),
            State::Queued(_) if lane == Lane::Live && slot.lane == Lane::Background => self.enqueue(id, lane, now),
            _ => {}
        }
    }

    /// The entry is to run as after a start: earlier failures no longer count, nor does the wait after one.
    pub(crate) fn restart(&mut self, id: EntryId, now: Instant) {
        let Some(slot) = self.slot(id) else { return };
        slot.failures = 0;
        slot.early = true;
        slot.retry = None;
        self.demand(id, Lane::Background, now, |flags| flags.startup = true);
    }

    /// The primary was edited or is being deleted: earlier failures no longer count, and a retry that is due comes now,
    /// even if the edit itself is of no interest.
    pub(crate) fn reset_backoff(&mut self, id: EntryId, now: Instant) {
        let Some(slot) = self.slot(id) else { return };
        slot.failures = 0;
        slot.early = true;
        if slot.retry.take().is_some() {
            slot.flags.retry = true;
            self.wake(id, true, self.pace.debounce, now);
        }
    }

    /// Takes the next entry; it is running until [`Queue::finish`].
    pub(crate) fn pop(&mut self, now: Instant) -> Option<(EntryId, Flags)> {
        self.fire(now);
        loop {
            let background = match (self.live.front(), self.background.front()) {
                (None, None) => return None,
                (Some((live, ..)), Some((background, ..))) => *background + PATIENCE < *live,
                (None, Some(_)) => true,
                (Some(_), None) => false,
            };
            let lane = if background { &mut self.background } else { &mut self.live };
            let (since, id, ticket) = lane.pop_front()?;
            let Some(slot) = self.slot(id) else { continue };
            if slot.state != State::Queued(ticket) {
                continue;
            }
            slot.state = State::Running;
            slot.debounce = None;
            let (lane, flags) = (slot.lane, std::mem::take(&mut slot.flags));
            self.depth[lane as usize] -= 1;
            self.counts.waits.add(now.saturating_duration_since(since));
            self.arm(id);
            return Some((id, flags));
        }
    }

    /// Puts an entry back that was taken and may not run yet, with the reasons for its run. It waits for a wake-up.
    pub(crate) fn put_back(&mut self, id: EntryId, flags: Flags) {
        if let Some(slot) = self.slot(id) {
            slot.state = State::Idle;
            slot.flags = flags;
        }
        self.arm(id);
    }

    /// The end of a run.
    pub(crate) fn finish(&mut self, id: EntryId, finish: Finish, next: Next, now: Instant) {
        let retry = match next {
            Next::Retry { .. } => Some(now + self.next_backoff(id, finish)),
            Next::Rest | Next::Wake { .. } => None,
        };
        let resync = match finish {
            Finish::Full { .. } | Finish::Terminal => self.pace.resync.map(|period| now + self.jitter.spread(period)),
            _ => None,
        };
        if self.slot(id).is_some() {
            self.counts.retries += u64::from(retry.is_some());
        }
        let Some(slot) = self.slot(id) else { return };
        slot.state = State::Idle;
        match finish {
            Finish::Full { requeue } => slot.requeue = requeue.map(|delay| now + delay),
            Finish::Split { requeue } => {
                let asked = requeue.map(|delay| now + delay);
                slot.requeue = [slot.requeue, asked].into_iter().flatten().min();
            }
            Finish::Terminal => slot.requeue = None,
            Finish::Failed | Finish::Unreachable { .. } | Finish::FailedFor { .. } | Finish::Vain => {}
        }
        slot.resync = resync.or(slot.resync);
        slot.retry = retry;
        if retry.is_none() && finish != Finish::Vain {
            slot.failures = 0;
            slot.early = true;
        }
        let pending = slot.flags.any() && slot.retry.is_none();
        self.arm(id);
        match next {
            _ if pending => self.enqueue(id, Lane::Live, now),
            Next::Rest => {}
            Next::Wake { debounce } => self.wake(id, false, debounce, now),
            Next::Retry { news } => self.wake(id, news, Duration::ZERO, now),
        }
    }

    /// When [`Queue::pop`] has to be called again although nothing happened. `None`: never.
    pub(crate) fn deadline(&self) -> Option<Instant> {
        self.timers.first().map(|(at, _)| *at)
    }

    /// Whether [`Queue::pop`] or [`Queue::deadline`] may answer something else than before this was asked last.
    pub(crate) fn take_stirred(&mut self) -> bool {
        std::mem::take(&mut self.stirred)
    }

    /// The number of entries that wait for their turn now.
    #[cfg(test)]
    pub(crate) fn depth(&self) -> usize {
        let depth = self.slots.iter().flatten().filter(|slot| matches!(slot.state, State::Queued(_))).count();
        assert_eq!(depth, self.depth.iter().sum::<usize>(), "the depth is counted right");
        depth
    }

    /// Moves everything whose time has come into a lane.
    fn fire(&mut self, now: Instant) {
        while let Some((_, id)) = self.timers.first().copied().filter(|(at, _)| *at <= now) {
            let Some(slot) = self.slot(id) else { continue };
            let due = |at: Option<Instant>| at.is_some_and(|at| at <= now);
            let mut lane = Lane::Live;
            if due(slot.retry) {
                slot.retry = None;
                slot.early = true;
                slot.flags.retry = true;
            }
            if due(slot.requeue) {
                slot.requeue = None;
                slot.flags.requeue = true;
            }
            let debounced = due(slot.debounce.map(|(_, until)| until));
            if debounced {
                slot.debounce = None;
            }
            if due(slot.resync) {
                slot.resync = None;
                if !slot.flags.any() && !debounced {
                    lane = Lane::Background;
                }
                slot.flags.resync = true;
            }
            self.enqueue(id, lane, now);
        }
    }

    /// Whatever an entry is, it is idle now.
    fn left(&mut self, state: State, lane: Lane) -> State {
        if let State::Queued(_) = state {
            self.depth[lane as usize] -= 1;
        }
        State::Idle
    }

    /// How many failures in a row there were, this far.
    pub(crate) fn failures(&self, id: EntryId) -> u32 {
        self.slots.get(id.0 as usize).and_then(Option::as_ref).map_or(0, |slot| slot.failures)
    }

    fn enqueue(&mut self, id: EntryId, lane: Lane, now: Instant) {
        self.tickets += 1;
        let ticket = self.tickets;
        if let Some(slot) = self.slots.get_mut(id.0 as usize).and_then(Option::as_mut) {
            match std::mem::replace(&mut slot.state, State::Queued(ticket)) {
                State::Queued(_) => self.depth[slot.lane as usize] -= 1,
                State::Idle | State::Running => self.counts.adds += 1,
            }
            self.depth[lane as usize] += 1;
            slot.lane = lane;
            slot.retry = None;
            let queue = if lane == Lane::Live { &mut self.live } else { &mut self.background };
            queue.push_back((now, id, ticket));
            self.stirred = true;
        }
        self.arm(id);
    }

    /// Puts the slot's next time into `timers`.
    fn arm(&mut self, id: EntryId) {
        let Some(slot) = self.slots.get_mut(id.0 as usize).and_then(Option::as_mut) else { return };
        let next = slot.next();
        if slot.timer != next {
            if let Some(timer) = slot.timer {
                self.timers.remove(&(timer, id));
            }
            if let Some(next) = next {
                self.timers.insert((next, id));
            }
            slot.timer = next;
            self.stirred = true;
        }
    }

    fn next_backoff(&mut self, id: EntryId, finish: Finish) -> Duration {
        let Pace { backoff, max_backoff, .. } = self.pace;
        if let Finish::FailedFor { wait } = finish {
            return wait.max(backoff);
        }
        let (most, max_backoff) = match finish {
            Finish::Unreachable { .. } => (OUTAGE_DOUBLINGS, OUTAGE_BACKOFF.min(max_backoff)),
            _ => (30, max_backoff),
        };
        let Some(slot) = self.slot(id) else { return backoff };
        let doublings = slot.failures.min(most);
        slot.failures = doublings + 1;
        let wait = self.jitter.spread(backoff.saturating_mul(1 << doublings).min(max_backoff));
        if let Finish::Unreachable { after } = finish { wait.max(after) } else { wait }
    }

    fn slot(&mut self, id: EntryId) -> Option<&mut Slot> {
        self.slots.get_mut(id.0 as usize)?.as_mut()
    }
}

#[path = "queue_slot.rs"]
mod slot;
#[path = "queue_turn.rs"]
mod turn;
#[path = "queue_views.rs"]
mod views;
use slot::{Slot, State};
pub(crate) use turn::{Finish, Flags, Next};
pub(crate) use views::{Times, Turns};

#[cfg(test)]
#[path = "queue_tests.rs"]
mod tests;
