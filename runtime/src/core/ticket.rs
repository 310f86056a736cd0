//! A run as the core hands it out and takes it back.

use std::time::Duration;

use super::fingerprint::Sight;
use super::key::Uid;
use super::queue::EntryId;
use super::world::OperatorId;
use crate::trigger::Triggers;

/// What a run is to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Task {
    Reconcile,
    /// The handlers of these secondaries, in the order of declaration.
    Handle(Vec<usize>),
    Cleanup,
}

/// A run that has begun. [`World::finish`] must follow.
#[derive(Debug)]
pub(crate) struct Ticket {
    pub(crate) operator: OperatorId,
    pub(crate) id: EntryId,
    pub(crate) uid: Uid,
    pub(crate) task: Task,
    pub(crate) triggers: Triggers,
    /// How many runs in a row have failed before.
    pub(crate) failures: u32,
    pub(crate) sight: Sight,
}

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// `requeue`: what the full reconcile, or the cleanup, asked for. Zero for "again".
    Done { requeue: Option<Duration> },
    /// Only split handlers ran.
    Handled { requeue: Option<Duration> },
    /// Again after a while.
    Failed,
    /// Again after a short while: the API server could not be reached, or was not ready. `after`: at the earliest, because it
    /// has asked for patience.
    Unreachable { after: Duration },
    /// Again after this time, and no sooner than after a first failure.
    FailedFor { wait: Duration },
    /// Not again before something changes.
    Terminal,
}
