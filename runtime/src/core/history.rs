//! What is remembered of the runs of each primary: the last few, in few bytes.

#![cfg_attr(not(feature = "server"), allow(dead_code, reason = "only the port shows all of it"))]

use std::time::{Duration, Instant};

use super::account::{RunResult, RunTask};
use super::key::Key;
use crate::trigger::{Trigger, Triggers};

/// Secondaries from this one on share a bit.
const SECONDARIES: usize = 25;

/// The triggers of a run in 32 bits: the primary, the secondaries, and from the highest bit downwards the others.
pub(crate) fn pack(triggers: &Triggers, place: impl Fn(&str) -> usize) -> u32 {
    let bit = |trigger| match trigger {
        Trigger::Primary => 0,
        Trigger::Secondary(name) => 1 + place(name).min(SECONDARIES),
        other => 31 - Trigger::OTHERS.iter().position(|trigger| *trigger == other).unwrap_or_default(),
    };
    triggers.iter().fold(0, |bits, trigger| bits | 1 << bit(trigger))
}

fn unpack(bits: u32, names: &[&'static str]) -> Triggers {
    let is_set = |bit: usize| bits & 1 << bit != 0;
    let primary = is_set(0).then_some(Trigger::Primary);
    let named = names.iter().take(SECONDARIES + 1).enumerate().filter(|(i, _)| is_set(1 + i));
    let secondaries = named.map(|(_, name)| Trigger::Secondary(name));
    let others = Trigger::OTHERS.into_iter().enumerate().filter(|(i, _)| is_set(31 - i)).map(|(_, trigger)| trigger);
    primary.into_iter().chain(secondaries).chain(others).collect()
}

/// One run, as it is remembered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Run {
    pub(crate) began: Instant,
    pub(crate) took: Duration,
    pub(crate) task: RunTask,
    pub(crate) result: RunResult,
    /// See [`pack`].
    pub(crate) triggers: u32,
    pub(crate) writes: u32,
    /// Where the writes went: bit 0 for the primary, then the secondaries; from the 16th on they share one.
    pub(crate) written: u16,
    /// An own write has made another run follow.
    pub(crate) provoked: bool,
}

/// The same in 16 bytes: there is a handful of them for each primary.
#[derive(Clone, Copy, Debug)]
struct Ran {
    /// In tenths of a second since the first run of all.
    began: u32,
    /// In µs, at most 71 minutes.
    took: u32,
    triggers: u32,
    written: u16,
    writes: u8,
    /// From the highest bit: two of the task, one for `provoked`, four of the result.
    how: u8,
}

impl Ran {
    fn of(run: &Run, epoch: Instant) -> Self {
        let task = RunTask::ALL.iter().position(|task| *task == run.task).unwrap_or_default() as u8;
        let result = RunResult::ALL.iter().position(|result| *result == run.result).unwrap_or_default() as u8;
        let tenths = run.began.saturating_duration_since(epoch).as_millis() / 100;
        Self {
            began: u32::try_from(tenths).unwrap_or(u32::MAX),
            took: u32::try_from(run.took.as_micros()).unwrap_or(u32::MAX),
            triggers: run.triggers,
            written: run.written,
            writes: u8::try_from(run.writes).unwrap_or(u8::MAX),
            how: task << 6 | u8::from(run.provoked) << 5 | result,
        }
    }

    fn run(self, epoch: Instant) -> Run {
        Run {
            began: epoch + Duration::from_millis(u64::from(self.began) * 100),
            took: Duration::from_micros(u64::from(self.took)),
            task: RunTask::ALL[usize::from(self.how >> 6).min(2)],
            result: RunResult::ALL[usize::from(self.how & 0x1f).min(9)],
            triggers: self.triggers,
            writes: u32::from(self.writes),
            written: self.written,
            provoked: self.how >> 5 & 1 == 1,
        }
    }
}

/// So many runs of a primary are remembered.
pub(crate) const REMEMBERED: usize = 8;

/// The last runs of one primary: at most 200 bytes, and half of that for a primary that has run once or twice.
#[derive(Debug, Default)]
pub(crate) struct History {
    /// A ring: the run with number `n` stands at `n % REMEMBERED`.
    ran: Vec<Ran>,
    runs: u32,
    /// The own write that has made another run follow, the last time that one did.
    provoker: Option<(u8, Key)>,
}

impl History {
    /// `provoker`: the object at an index whose write has made another run follow.
    pub(crate) fn add(&mut self, run: &Run, provoker: Option<(usize, Key)>, epoch: Instant) {
        let (place, ran) = (self.runs as usize % REMEMBERED, Ran::of(run, epoch));
        match self.ran.get_mut(place) {
            Some(old) => *old = ran,
            None => self.ran.push(ran),
        }
        self.runs = self.runs.saturating_add(1);
        if let Some((index, key)) = provoker {
            self.provoker = Some((u8::try_from(index).unwrap_or(u8::MAX), key));
        }
    }

    /// The most bytes that one takes.
    #[cfg(any(test, feature = "bench"))]
    pub(crate) const MOST: usize = size_of::<Self>() + REMEMBERED * size_of::<Ran>();

    /// How many runs there were.
    pub(crate) fn runs(&self) -> u32 {
        self.runs
    }

    /// The last of them, the oldest first.
    pub(crate) fn last(&self, epoch: Instant) -> Vec<Run> {
        let begin = if self.ran.len() < REMEMBERED { 0 } else { self.runs as usize % REMEMBERED };
        let (newer, older) = self.ran.split_at(begin);
        older.iter().chain(newer).map(|ran| ran.run(epoch)).collect()
    }

    /// The index and the key of the object whose write has made another run follow.
    pub(crate) fn provoker(&self) -> Option<(usize, Key)> {
        self.provoker.clone().map(|(index, key)| (usize::from(index), key))
    }
}

/// One run of a primary, as those who ask get it.
#[derive(Clone, Debug)]
pub(crate) struct Remembered {
    pub(crate) run: Run,
    pub(crate) triggers: Triggers,
}

/// What is remembered of one primary.
#[derive(Clone, Debug, Default)]
pub(crate) struct Memory {
    /// How many runs there were in all.
    pub(crate) runs: u32,
    /// The last of them, the oldest first.
    pub(crate) last: Vec<Remembered>,
    pub(crate) provoker: Option<(usize, Key)>,
}

impl Memory {
    pub(crate) fn of(history: &History, epoch: Instant, names: &[&'static str]) -> Self {
        let last = history.last(epoch).into_iter();
        let last = last.map(|run| Remembered { run, triggers: unpack(run.triggers, names) }).collect();
        Self { runs: history.runs(), last, provoker: history.provoker() }
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::key;
    use super::*;

    const NAMES: [&str; 3] = ["a", "b", "c"];

    fn place(name: &str) -> usize {
        NAMES.iter().position(|other| *other == name).unwrap()
    }

    fn run(began: Instant, writes: u32) -> Run {
        Run {
            began,
            took: Duration::from_micros(1500),
            task: RunTask::Cleanup,
            result: RunResult::Cancelled,
            triggers: 3,
            writes,
            written: 0b101,
            provoked: true,
        }
    }

    #[test]
    fn triggers_are_remembered_in_their_order() {
        for triggers in [
            vec![Trigger::Primary],
            vec![Trigger::Primary, Trigger::Secondary("a"), Trigger::Secondary("c"), Trigger::Startup],
            vec![Trigger::Secondary("b"), Trigger::Resync, Trigger::Requeue, Trigger::Retry, Trigger::External],
        ] {
            let triggers: Triggers = triggers.into_iter().collect();
            assert_eq!(unpack(pack(&triggers, place), &NAMES), triggers);
        }
    }

    #[test]
    fn very_many_secondaries_do_not_run_into_the_others() {
        let triggers: Triggers = [Trigger::Secondary("x")].into_iter().collect();
        assert_eq!(pack(&triggers, |_| 200), 1 << 26);
    }

    #[test]
    fn the_last_runs_are_remembered_whole_and_in_order() {
        let epoch = Instant::now();
        let at = |i: u32| epoch + Duration::from_secs(u64::from(i));
        let mut history = History::default();
        for i in 0..20 {
            let last: Vec<u32> = history.last(epoch).iter().map(|run| run.writes).collect();
            assert_eq!(last, (i - i.min(8)..i).collect::<Vec<_>>());
            history.add(&run(at(i), i), (i == 3).then(|| (2, key("n/x"))), epoch);
        }
        assert_eq!(history.last(epoch).last(), Some(&run(at(19), 19)));
        assert_eq!((history.runs(), history.provoker()), (20, Some((2, key("n/x")))));
    }

    #[test]
    fn a_primary_costs_no_more_than_was_promised() {
        const { assert!(History::MOST <= 200) };
    }
}
