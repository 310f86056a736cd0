//! The numbers behind [`Stats`](super::Stats).

#![cfg_attr(not(feature = "server"), allow(dead_code, reason = "only the port shows all of it"))]

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{OnceLock, Weak};
use std::time::Duration;

use crate::core::account::{BUCKETS, Durations, RunResult, RunTask, bucket};
use crate::core::world::OperatorId;
use crate::error::WriteError;
use crate::operator::Declaration;
use crate::shared::Shared;
use crate::trigger::Trigger;

/// One number that only grows.
#[derive(Debug, Default)]
pub(crate) struct Counter(AtomicU64);

impl Counter {
    pub(crate) fn add(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// Durations, counted by bucket.
#[derive(Debug, Default)]
pub(crate) struct Histogram {
    buckets: [Counter; BUCKETS],
    nanoseconds: AtomicU64,
}

impl Histogram {
    pub(crate) fn add(&self, duration: Duration) {
        self.buckets[bucket(duration)].add();
        self.nanoseconds.fetch_add(u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX), Ordering::Relaxed);
    }

    pub(crate) fn read(&self) -> Durations {
        let buckets = std::array::from_fn(|i| self.buckets[i].get());
        Durations { buckets, sum: Duration::from_nanos(self.nanoseconds.load(Ordering::Relaxed)) }
    }
}

/// The words for the verbs of writes.
pub(crate) const VERBS: [&str; 5] = ["apply", "patch", "create", "replace", "delete"];

/// What came of a write that was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum WriteResult {
    Success,
    /// Others have been there before: it is decided again, or the object is not ours.
    Conflict,
    /// The API server does not take it.
    Refused,
    /// The API server asks for patience, does not take our token for now, or another replica leads.
    Busy,
    /// No answer came, or one that says nothing.
    Unknown,
}

impl WriteResult {
    /// All of them, in the order of their numbers.
    pub(crate) const ALL: [Self; 5] = [Self::Success, Self::Conflict, Self::Refused, Self::Busy, Self::Unknown];

    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::Conflict => "conflict",
            Self::Refused => "refused",
            Self::Busy => "busy",
            Self::Unknown => "unknown",
        }
    }

    /// What an error means.
    pub(crate) fn of(error: &WriteError) -> Self {
        match error {
            WriteError::Busy { .. } | WriteError::NotLeading { .. } | WriteError::Unauthorized { .. } => Self::Busy,
            WriteError::NotOurs { .. }
            | WriteError::Exists { .. }
            | WriteError::FieldConflict { .. }
            | WriteError::Outdated { .. }
            | WriteError::Vanished { .. }
            | WriteError::PrimaryDeleted { .. } => Self::Conflict,
            error if error.is_unknown() => Self::Unknown,
            _ => Self::Refused,
        }
    }
}

/// The words for what is odd about writes that come again and again, in the order of their numbers.
pub(crate) enum Quarrels {
    /// Somebody keeps changing the object.
    Repairs,
    /// It is another one in each run.
    Whims,
}

impl Quarrels {
    pub(crate) const WORDS: [&str; 2] = ["repairs", "whims"];
}

/// The primary, or one secondary, as counters name it.
#[derive(Debug)]
pub(crate) struct Place {
    /// The word of its trigger.
    pub(crate) name: &'static str,
    /// The kind, without its group.
    pub(crate) kind: String,
}

#[derive(Debug)]
pub(crate) struct Counters {
    /// Of the primary, then of each secondary.
    pub(crate) places: Box<[Place]>,
    pub(crate) runs: Counter,
    pub(crate) failures: Counter,
    pub(crate) writes: Counter,
    /// By place, then by the other triggers.
    pub(crate) wake_ups: Box<[Counter]>,
    results: [[Counter; RunResult::ALL.len()]; RunTask::ALL.len()],
    /// By task.
    pub(crate) durations: [Histogram; RunTask::ALL.len()],
    /// By place, verb and result.
    sent: Box<[[[Counter; WriteResult::ALL.len()]; VERBS.len()]]>,
    /// By place.
    pub(crate) skipped: Box<[Counter]>,
    /// By place; the last one is unknown.
    provoked: Box<[Counter]>,
    pub(crate) loops: Counter,
    pub(crate) quarrels: [Counter; Quarrels::WORDS.len()],
    pub(super) running: OnceLock<(Weak<Shared>, OperatorId)>,
}

impl Counters {
    pub(super) fn new(declaration: &Declaration) -> Self {
        let primary = Place { name: "primary", kind: declaration.primary.kind.to_string() };
        let secondaries = declaration.secondaries.iter();
        let secondaries = secondaries.map(|s| Place { name: s.name, kind: s.kind.kind.to_string() });
        let places: Box<[Place]> = std::iter::once(primary).chain(secondaries).collect();
        let some = |count: usize| (0..count).map(|_| Counter::default()).collect::<Box<[Counter]>>();
        let count = places.len();
        Self {
            places,
            runs: Counter::default(),
            failures: Counter::default(),
            writes: Counter::default(),
            wake_ups: some(count + Trigger::OTHERS.len()),
            results: Default::default(),
            durations: Default::default(),
            sent: (0..count).map(|_| Default::default()).collect(),
            skipped: some(count),
            provoked: some(count + 1),
            loops: Counter::default(),
            quarrels: Default::default(),
            running: OnceLock::new(),
        }
    }

    /// The words of the primary and of the secondaries.
    pub(super) fn names(&self) -> impl Iterator<Item = &'static str> {
        self.places.iter().map(|place| place.name)
    }

    /// The place of a secondary among all places.
    pub(crate) fn secondary(&self, name: &str) -> usize {
        self.places.iter().skip(1).position(|place| place.name == name).map_or(0, |secondary| secondary + 1)
    }

    pub(super) fn place(&self, trigger: Trigger) -> usize {
        match trigger {
            Trigger::Primary => 0,
            Trigger::Secondary(name) => self.secondary(name),
            other => {
                self.places.len() + Trigger::OTHERS.iter().position(|trigger| *trigger == other).unwrap_or_default()
            }
        }
    }

    /// All triggers with their numbers; those of the primary and the secondaries in the order of their places.
    pub(crate) fn triggers(&self) -> impl Iterator<Item = (&'static str, u64)> {
        let names = self.names().chain(Trigger::OTHERS.iter().map(Trigger::as_str));
        names.zip(self.wake_ups.iter().map(Counter::get))
    }

    pub(super) fn result(&self, task: RunTask, result: RunResult) -> &Counter {
        &self.results[task as usize][result as usize]
    }

    pub(crate) fn results(&self) -> impl Iterator<Item = ((RunTask, RunResult), u64)> {
        let each =
            RunTask::ALL.into_iter().flat_map(|task| RunResult::ALL.into_iter().map(move |result| (task, result)));
        each.map(|(task, result)| ((task, result), self.result(task, result).get()))
    }

    /// Counts a write at an index that was sent with this verb.
    pub(crate) fn sent(&self, index: usize, verb: &str, result: WriteResult) {
        let verb = VERBS.iter().position(|word| *word == verb).unwrap_or_default();
        self.sent[index][verb][result as usize].add();
    }

    /// By place: the verb, the result and the number of writes.
    pub(crate) fn writes_at(&self, index: usize) -> impl Iterator<Item = (&'static str, WriteResult, u64)> {
        let each = VERBS.iter().zip(&self.sent[index]);
        each.flat_map(|(verb, results)| {
            WriteResult::ALL.into_iter().zip(results).map(|(result, counter)| (*verb, result, counter.get()))
        })
    }

    /// Counts a run that was provoked by a write at this index; `None` if that is unknown.
    pub(crate) fn provoke(&self, index: Option<usize>) {
        self.provoked[index.unwrap_or(self.places.len())].add();
    }

    /// The runs that were provoked by a write, by place; the last one is unknown.
    pub(crate) fn provoked(&self) -> impl Iterator<Item = (&'static str, u64)> {
        self.names().chain(["unknown"]).zip(self.provoked.iter().map(Counter::get))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_histogram_holds_what_was_added() {
        let histogram = Histogram::default();
        [1, 1, 20].iter().for_each(|ms| histogram.add(Duration::from_millis(*ms)));
        let read = histogram.read();
        assert_eq!((read.count(), read.sum, read.buckets[0], read.buckets[4]), (3, Duration::from_millis(22), 2, 1));
    }
}
