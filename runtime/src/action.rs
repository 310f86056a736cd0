//! What the methods of a reconciler answer.

use std::time::Duration;

/// What is to happen after a successful `reconcile`.
///
/// It replaces a requeue that an earlier `reconcile` of the same primary asked for. Changes wake the primary whatever
/// the answer is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
#[non_exhaustive]
pub enum Action {
    /// Nothing until something changes, or the resync.
    AwaitChange,
    /// Run again after this time, with the trigger `requeue`.
    Requeue(Duration),
    /// Run again as soon as the other primaries that wait have had their turn.
    Again,
}

impl Action {
    /// Nothing until something changes: the normal answer.
    pub const fn await_change() -> Self {
        Self::AwaitChange
    }

    /// Run again after `delay`, unless another full `reconcile` replaces it. For what depends on time, or on systems
    /// that emit no events; never needed to see a declared secondary change.
    ///
    /// For a time of the day, it is what lies between now and then. The delay is measured by a clock that nobody sets: if the time of
    /// the day is set forward meanwhile, the run comes late, by the resync at most.
    pub const fn requeue(delay: Duration) -> Self {
        Self::Requeue(delay)
    }

    /// Run again at once although nobody else changed anything. Other primaries that wait come first.
    pub const fn again() -> Self {
        Self::Again
    }
}

/// What is to happen after a split handler, `reconcile_<name>`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
#[non_exhaustive]
pub enum Handled {
    /// The change is dealt with. A requeue that `reconcile` asked for stays as it is.
    Done,
    /// The same, and run `reconcile` after this time at the latest: brings a pending requeue forward, never back.
    Requeue(Duration),
    /// The change concerns more than this handler knows: run `reconcile` now, instead of the remaining handlers.
    Escalate,
}

/// What is to happen after `cleanup`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
#[non_exhaustive]
pub enum Cleanup {
    /// All is cleaned up: the runtime removes our finalizer, and the primary may go.
    Done,
    /// Not yet: run `cleanup` again when something changes.
    AwaitChange,
    /// Not yet: run `cleanup` again after this time, or when something changes before.
    Requeue(Duration),
}
