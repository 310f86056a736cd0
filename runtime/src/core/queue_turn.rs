//! What is said of a turn: why it comes, how it ended, and what follows.

use std::time::Duration;

/// Why the queue itself, without any change, has an entry run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Flags {
    pub(crate) startup: bool,
    pub(crate) resync: bool,
    pub(crate) requeue: bool,
    pub(crate) retry: bool,
    pub(crate) external: bool,
}

impl Flags {
    pub(crate) fn any(self) -> bool {
        self != Self::default()
    }
}

/// How a run ended, as far as the queue cares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Finish {
    /// A full run: what it asked for replaces the pending requeue.
    Full { requeue: Option<Duration> },
    /// Split handlers: they can only bring the pending requeue forward.
    Split { requeue: Option<Duration> },
    /// As if it had not been: what earlier runs asked for stays.
    Failed,
    /// The same, and what failed is the way to the API server: the wait must not outlast the outage, unless the API server
    /// itself asks to wait for `after`.
    Unreachable { after: Duration },
    /// The same, and it is known how long to wait.
    FailedFor { wait: Duration },
    /// Not to be tried again before something changes.
    Terminal,
    /// There was nothing to do: as if the entry had never been taken.
    Vain,
}

/// What follows the end of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Next {
    /// Nothing, until something changes or a time comes.
    Rest,
    /// Another run, after a wait for further changes: something changed while this one went on.
    Wake { debounce: Duration },
    /// Another run, whatever changes, after a wait that doubles from one to the next. `news`: something changed that this
    /// run did not know of.
    Retry { news: bool },
}
