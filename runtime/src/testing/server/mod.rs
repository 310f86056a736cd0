//! An API server in memory.

mod apply;
mod asserts;
mod door;
mod fields;
mod hands;
mod patch;
mod path;
mod refusal;
mod schema;
mod serve;
mod state;
#[cfg(test)]
mod tests;
mod watch;

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use kube::Client;

use super::clock::Clock;
use super::fault::Fault;
use super::journal::{Journal, Run};
use super::request::{Request, Verb};
use door::Door;
pub(super) use hands::key_of;
pub(crate) use path::Resource;
use state::State;

/// An API server in memory, for one test. Cheap to clone; all clones are the same one.
///
/// The test is its foreign hand: [`add`](Self::add), [`change`](Self::change), [`delete`](Self::delete) do what other people and
/// controllers do, at once. Operators, and everybody else with its [`client`](Self::client), ask it as they would a cluster.
///
/// # What it does as a cluster does
/// - Lists, watches with streaming lists, bookmarks and selectors, versions that are too old.
/// - Creation, replacement, merge and JSON patch, deletion; preconditions by uid and resourceVersion; finalizers; uid, generation and
///   creationTimestamp; the subresource `status`.
/// - Server-side apply with managedFields, conflicts and `force`.
/// - What was owned by an object that has gone goes, too, at once.
///
/// # What it does not
/// - It has no schemas: nothing is validated, defaulted or pruned, no webhook is asked, and every kind is served whose objects are
///   asked for. Lists of custom resources are replaced as a whole by an apply, whatever their definition says.
/// - There are no rights, quotas and namespaces: everybody may do everything, everywhere.
/// - No controller works but for the garbage collection: a Deployment becomes ready when the test says so. A Pod goes without a grace
///   period.
/// - No discovery, no subresources but `status`, no deletion of whole collections.
///
/// What depends on these is tested on a real control plane (the crate `steersman-control-plane`).
#[derive(Clone)]
pub struct ApiServer {
    inner: Arc<Mutex<Inner>>,
    pub(crate) journal: Arc<Journal>,
    clock: Clock,
}

struct Inner {
    state: State,
    faults: Vec<Fault>,
    requests: Vec<Request>,
    /// How many requests and runs there were at the checkpoint.
    checkpoint: (usize, usize),
}

impl ApiServer {
    /// An empty one, on whose [`Clock`] a new decade begins now.
    #[must_use]
    pub fn new() -> Self {
        Self::with_clock(Clock::default())
    }

    /// An empty one with this clock, which `creationTimestamp` and the like are taken from.
    #[must_use]
    pub fn with_clock(clock: Clock) -> Self {
        let (state, faults, requests) = (State::new(clock), Vec::new(), Vec::new());
        let inner = Inner { state, faults, requests, checkpoint: (0, 0) };
        Self { inner: Arc::new(Mutex::new(inner)), journal: Arc::new(Journal::new(clock)), clock }
    }

    /// Its wall clock.
    #[must_use]
    pub fn clock(&self) -> Clock {
        self.clock
    }

    /// A client for it, as operators get one.
    ///
    /// # Panics
    /// Outside of a tokio runtime, as every client of kube does.
    #[must_use]
    pub fn client(&self) -> Client {
        Client::new(Door(self.clone()), "default")
    }

    /// The next request with this verb, about whatever, is answered with this code. See [`fail`](Self::fail) for more.
    pub fn fail_next(&self, verb: Verb, code: u16) {
        self.fail(Fault::status(code).verb(verb));
    }

    /// Has requests to come fail. Of several faults that concern a request, it is the oldest.
    pub fn fail(&self, fault: Fault) {
        self.lock().faults.push(fault);
    }

    /// What was asked since the [checkpoint](Self::checkpoint), in the order in which the answers were decided.
    #[must_use]
    pub fn requests(&self) -> Vec<Request> {
        let inner = self.lock();
        inner.requests[inner.checkpoint.0..].to_vec()
    }

    /// The runs of all operators since the [checkpoint](Self::checkpoint), in the order in which they began.
    #[must_use]
    pub fn runs(&self) -> Vec<Run> {
        let from = self.lock().checkpoint.1;
        self.journal.runs().split_off(from)
    }

    /// What is asserted from now on is about what happens from now on.
    pub fn checkpoint(&self) {
        let runs = self.journal.count();
        let mut inner = self.lock();
        inner.checkpoint = (inner.requests.len(), runs);
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for ApiServer {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for ApiServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ApiServer").finish_non_exhaustive()
    }
}
