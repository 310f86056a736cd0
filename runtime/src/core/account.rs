//! What the core counts: plain numbers in its own state, read under the lock.

#![cfg_attr(not(feature = "server"), allow(dead_code, reason = "only the port shows all of it"))]

use std::time::{Duration, Instant};

use super::world::Task;

/// The upper bounds of the buckets of all histograms of durations, in seconds; one more bucket has no bound.
pub(crate) const BOUNDS: [f64; 16] =
    [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0];
/// The number of buckets.
pub(crate) const BUCKETS: usize = BOUNDS.len() + 1;

/// The bucket that a duration falls into.
pub(crate) fn bucket(duration: Duration) -> usize {
    let seconds = duration.as_secs_f64();
    BOUNDS.partition_point(|bound| *bound < seconds)
}

/// Durations, counted by bucket.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Durations {
    pub(crate) buckets: [u64; BUCKETS],
    pub(crate) sum: Duration,
}

impl Durations {
    pub(crate) fn add(&mut self, duration: Duration) {
        self.buckets[bucket(duration)] += 1;
        self.sum += duration;
    }

    #[cfg(test)]
    pub(crate) fn count(&self) -> u64 {
        self.buckets.iter().sum()
    }
}

/// What one watch has shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Shown {
    /// Versions of objects that somebody wants.
    pub(crate) applied: u64,
    /// Versions of objects that nobody wants.
    pub(crate) passed_by: u64,
    pub(crate) deleted: u64,
    pub(crate) bookmarks: u64,
    /// Complete lists.
    pub(crate) lists: u64,
    /// Events that show only what an own write has put into the cache already.
    pub(crate) echoes: u64,
    /// When it has shown something last.
    pub(crate) last: Option<Instant>,
}

/// What the events of one secondary, or of the primaries, have meant to one operator.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Effects {
    /// Changes of objects that have moved a fingerprint.
    pub(crate) moved: u64,
    /// Changes of objects that have moved none.
    pub(crate) unmoved: u64,
}

/// What a queue has done.
#[derive(Clone, Debug, Default)]
pub(crate) struct Queued {
    /// Entries that came into a lane.
    pub(crate) adds: u64,
    /// Waits after a failure, or after a run that has to be repeated.
    pub(crate) retries: u64,
    /// How long entries were in their lane.
    pub(crate) waits: Durations,
}

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum RunResult {
    /// It awaits a change.
    Success,
    /// It asked for another run after a while.
    Requeue,
    /// It asked for another run at once.
    Again,
    /// It returned an error, and is tried again.
    Error,
    /// It returned an error because the API server could not be reached, was not ready or asked for patience; it is tried again.
    Unreachable,
    /// It returned a [`Terminal`](crate::Terminal) error: it is not tried again before something changes.
    Terminal,
    /// It panicked, and is tried again.
    Panic,
    /// It took longer than its `timeout`, and is tried again.
    Timeout,
    /// Its primary was deleted while it went on.
    Deleted,
    /// It was ended from outside: at a shutdown, or because this replica does not lead any more.
    Cancelled,
}

impl RunResult {
    /// All of them, in the order of their numbers.
    pub(crate) const ALL: [Self; 10] = [
        Self::Success,
        Self::Requeue,
        Self::Again,
        Self::Error,
        Self::Unreachable,
        Self::Terminal,
        Self::Panic,
        Self::Timeout,
        Self::Deleted,
        Self::Cancelled,
    ];

    /// The word for it in logs, metrics and debug views.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::Requeue => "requeue",
            Self::Again => "again",
            Self::Error => "error",
            Self::Unreachable => "unreachable",
            Self::Terminal => "terminal",
            Self::Panic => "panic",
            Self::Timeout => "timeout",
            Self::Deleted => "deleted",
            Self::Cancelled => "cancelled",
        }
    }
}

impl std::fmt::Display for RunResult {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.as_str())
    }
}

/// What a run was to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum RunTask {
    /// `reconcile`.
    Reconcile,
    /// The handlers of the secondaries that changed, with the `reconcile` that they may end in.
    Handlers,
    /// `cleanup`.
    Cleanup,
}

impl RunTask {
    /// All of them, in the order of their numbers.
    pub(crate) const ALL: [Self; 3] = [Self::Reconcile, Self::Handlers, Self::Cleanup];

    pub(crate) fn of(task: &Task) -> Self {
        match task {
            Task::Reconcile => Self::Reconcile,
            Task::Handle(_) => Self::Handlers,
            Task::Cleanup => Self::Cleanup,
        }
    }

    /// The word for it in logs, metrics and debug views.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Reconcile => "reconcile",
            Self::Handlers => "handlers",
            Self::Cleanup => "cleanup",
        }
    }
}

impl std::fmt::Display for RunTask {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_falls_into_the_first_bucket_that_holds_it() {
        assert_eq!(bucket(Duration::ZERO), 0);
        assert_eq!(bucket(Duration::from_millis(1)), 0);
        assert_eq!(bucket(Duration::from_micros(1001)), 1);
        assert_eq!(bucket(Duration::from_secs(300)), 15);
        assert_eq!(bucket(Duration::from_secs(301)), 16);
    }
}
