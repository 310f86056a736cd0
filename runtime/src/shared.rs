//! The core behind its lock, and who waits for it to change.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use kube::Client;
use tokio::sync::{Notify, watch};

use crate::api::{Api, Bucket, MANAGER, Requests};
use crate::clock::now;
use crate::core::world::{OperatorId, Ticket, World};
use crate::leader::Leadership;
use crate::run::Pulse;
use crate::write::Reporter;

/// What watches, runs and the engine share. The lock is held for microseconds and never across an await.
pub(crate) struct Shared {
    world: Mutex<World>,
    /// The user's client, as it was given. Everything goes through an [`Api`] that wraps it.
    given: Client,
    /// For what no operator asks for itself: watches, fetches, reviews, the lease.
    pub(crate) client: Client,
    /// Every request of the manager and its operators.
    pub(crate) requests: Arc<Requests>,
    /// Whether this replica works.
    pub(crate) leadership: Leadership,
    pub(crate) reporter: Reporter,
    pub(crate) pulse: Pulse,
    /// Tells the engine that a run may be due.
    pub(crate) due: Notify,
    /// Tells that an object is to be fetched.
    pub(crate) fetch: Notify,
    /// Counts changes of the world, for those who wait for one.
    changes: watch::Sender<u64>,
    /// Where a test reads what has run.
    #[cfg(feature = "testing")]
    pub(crate) journal: Option<Arc<crate::testing::Journal>>,
}

impl Shared {
    pub(crate) fn new(world: World, given: Client, leadership: Leadership) -> Self {
        let requests = Arc::new(Requests::default());
        let client = Api::new(&given, MANAGER, None, leadership.gate.clone(), requests.clone()).client;
        Self {
            world: Mutex::new(world),
            given,
            client,
            requests,
            leadership,
            reporter: Reporter::new(),
            pulse: Pulse::default(),
            due: Notify::new(),
            fetch: Notify::new(),
            changes: watch::Sender::new(0),
            #[cfg(feature = "testing")]
            journal: None,
        }
    }

    /// A test reads there what runs.
    #[cfg(feature = "testing")]
    pub(crate) fn watched_by(self, journal: Option<Arc<crate::testing::Journal>>) -> Self {
        Self { journal, ..self }
    }

    /// The way of an operator to the API server.
    pub(crate) fn api(&self, operator: &'static str, bucket: Option<Bucket>) -> Api {
        Api::new(&self.given, operator, bucket, self.leadership.gate.clone(), self.requests.clone())
    }

    /// Looks at the world without changing it.
    pub(crate) fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes the world, then wakes whoever waits for that.
    pub(crate) fn change<T>(&self, change: impl FnOnce(&mut World, Instant) -> T) -> T {
        let (result, wants, stirred) = {
            let mut world = self.world();
            let result = change(&mut world, now());
            (result, world.is_wanting(), world.take_stirred())
        };
        // Most of what a watch shows is of no interest: it wakes nobody here either.
        if stirred {
            self.due.notify_one();
        }
        if wants {
            self.fetch.notify_one();
        }
        // Who comes later looks at the world that was changed already.
        if self.changes.receiver_count() > 0 {
            self.changes.send_modify(|count| *count = count.wrapping_add(1));
        }
        result
    }

    /// The next run of this operator, if one may begin now.
    pub(crate) fn pop(&self, operator: OperatorId) -> Option<Ticket> {
        let mut world = self.world();
        let ticket = world.pop(operator, now());
        if world.is_wanting() {
            self.fetch.notify_one();
        }
        ticket
    }

    /// Waits until `look` finds something, or until `limit` is over.
    pub(crate) async fn wait_for<T>(&self, limit: Duration, look: impl Fn(&World) -> Option<T>) -> Option<T> {
        let mut changes = self.changes.subscribe();
        let search = async {
            loop {
                changes.borrow_and_update();
                if let Some(found) = look(&self.world()) {
                    return Some(found);
                }
                changes.changed().await.ok()?;
            }
        };
        tokio::time::timeout(limit, search).await.ok().flatten()
    }
}

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shared").finish_non_exhaustive()
    }
}
