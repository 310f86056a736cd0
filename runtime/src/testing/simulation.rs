//! The runtime, whole, under paused time.

use std::fmt;
use std::ops::Deref;
use std::panic::AssertUnwindSafe;
use std::time::Duration;

use futures::FutureExt;

use super::server::ApiServer;
use crate::operator::Operator;
use crate::run::{Driven, Manager, OperatorBuilder};

/// Time goes in steps of a millisecond.
const STEP: Duration = Duration::from_millis(1);
/// Longer than a run may take by default.
const LONGEST: Duration = Duration::from_secs(10 * 60);

/// The runtime as it is in production, its watches, caches, queue and writes, before an [`ApiServer`] in memory, with a clock that
/// stands still until the test moves it.
///
/// It needs tokio's paused clock and one thread: `#[tokio::test(start_paused = true)]`. Then nothing depends on chance or on the
/// machine: the same test has the same runs, in the same order, at the same time of its clock, and an hour takes no time. What a
/// reconciler asks of other systems has to be replaced in such a test: while it waits for a real answer, the clock would run on.
///
/// It is used as its [`ApiServer`], whose methods are those of everybody else in the cluster.
pub struct Simulation {
    api: ApiServer,
    driven: Driven,
}

impl Simulation {
    /// Starts one operator before an empty API server, and waits until it has [settled](Self::settle).
    ///
    /// # Panics
    /// If the clock is not paused, or the operator's settings cannot be meant.
    pub async fn start<O: Operator>(operator: OperatorBuilder<O>) -> Self {
        Self::on(&ApiServer::new(), |manager| manager.with(operator)).await
    }

    /// Starts a manager before this API server, and waits until it has [settled](Self::settle): with several operators, with objects
    /// that are there already, or anew after another one.
    ///
    /// # Panics
    /// If the clock is not paused, or the settings cannot be meant.
    pub async fn on(api: &ApiServer, operators: impl FnOnce(Manager) -> Manager) -> Self {
        assert_paused().await;
        let manager = operators(Manager::new(api.client()));
        let driven = Driven::start(manager, api.journal.clone()).unwrap_or_else(|error| panic!("{error}"));
        let simulation = Self { api: api.clone(), driven };
        simulation.settle().await;
        simulation
    }

    /// Waits until nothing goes on: every event has been taken in, and no run is under way or about to begin. It takes a millisecond
    /// of the paused clock; more if a run waits for something, at most ten minutes. Waits for further changes (`debounce`), for a
    /// retry or a requeue are not waited for: [`advance`](Self::advance) is what ends them.
    pub async fn settle(&self) {
        let begin = tokio::time::Instant::now();
        loop {
            // The paused clock moves on only when everybody waits.
            tokio::time::sleep(STEP).await;
            if !self.driven.is_busy() || begin.elapsed() > LONGEST {
                return;
            }
        }
    }

    /// Lets this time pass, with all that is due meanwhile, and then [settles](Self::settle).
    pub async fn advance(&self, time: Duration) {
        tokio::time::sleep(time).await;
        self.settle().await;
    }

    /// That these changes wake nobody: that no run follows at once, nor after a wait for further ones.
    ///
    /// # Panics
    /// If somebody is woken, with the runs, why they were woken, and what they asked for.
    pub async fn assert_woke_nobody<T>(&self, changes: impl FnOnce(&ApiServer) -> T) -> T {
        self.settle().await;
        let before = self.api.runs().len();
        let result = changes(&self.api);
        self.settle().await;
        let woken = self.driven.woken();
        let runs: Vec<String> = self.api.runs().split_off(before).into_iter().map(|run| run.primary).collect();
        assert!(
            runs.is_empty() && woken.is_empty(),
            "the changes are to wake nobody, and have woken {}\n{}",
            runs.into_iter().chain(woken).collect::<Vec<_>>().join(", "),
            self.api.story()
        );
        result
    }

    /// The API server, for another manager say.
    #[must_use]
    pub fn api(&self) -> &ApiServer {
        &self.api
    }

    /// Stops the manager as a SIGTERM does, and waits for its end.
    pub async fn stop(self) {
        self.driven.stop().await;
    }

    /// Ends the manager at once, as a SIGKILL does: what its runs have sent has been sent, and nobody learns of the answers.
    pub async fn kill(self) {
        self.driven.kill();
        tokio::time::sleep(STEP).await;
    }
}

/// The methods of its API server are its own.
impl Deref for Simulation {
    type Target = ApiServer;

    fn deref(&self) -> &ApiServer {
        &self.api
    }
}

impl fmt::Debug for Simulation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Simulation").finish_non_exhaustive()
    }
}

async fn assert_paused() {
    // It panics where the clock runs.
    let paused = AssertUnwindSafe(tokio::time::advance(Duration::ZERO)).catch_unwind().await;
    assert!(paused.is_ok(), "a simulation needs a clock that stands still: `#[tokio::test(start_paused = true)]`");
}
