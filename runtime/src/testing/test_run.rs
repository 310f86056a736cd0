//! One run, called by a test.

use std::fmt;
use std::sync::Arc;

use super::server::{ApiServer, key_of};
use crate::action::{Action, Cleanup, Handled};
use crate::kind::Kind;
use crate::operator::{BoxError, Operator};
use crate::run::{Begun, OperatorBuilder};

/// One run of one primary that nobody has started: the test calls the methods of the reconciler itself, with what they would get
/// from the runtime.
///
/// Snapshot and context are the real ones: what the run sees is what the declarations tie to the primary, and what it writes goes to
/// the [`ApiServer`] in memory. Nothing follows from what the methods answer. It needs no paused clock.
pub struct TestRun<O: Operator> {
    begun: Begun<O>,
}

impl<O: Operator> TestRun<O> {
    /// The run of the primary of this name, `namespace/name` or `name`, before anything has run: it sees all that the API server has
    /// of it now.
    ///
    /// # Panics
    /// If the API server has no such primary.
    pub async fn begin(api: &ApiServer, operator: OperatorBuilder<O>, primary: &str) -> Self {
        let key = key_of(&O::Primary::info(), primary);
        let begun = Begun::new(api.client(), operator, &key, api.journal.clone()).await;
        Self { begun: begun.unwrap_or_else(|error| panic!("{error}")) }
    }

    /// The primary as the run sees it by now.
    #[must_use]
    pub fn primary(&self) -> Arc<O::Primary> {
        self.begun.arguments().0
    }

    /// What the run sees of the secondaries by now: its own writes are in it.
    #[must_use]
    pub fn snapshot(&self) -> O::Snapshot {
        self.begun.arguments().1
    }

    /// The context. All contexts of one `TestRun` belong to the same run.
    #[must_use]
    pub fn context(&self) -> O::Context {
        self.begun.arguments().2
    }

    /// Calls `reconcile`. Finalizers are not looked at.
    ///
    /// # Errors
    /// Those of the reconciler.
    pub async fn reconcile(&self) -> Result<Action, BoxError> {
        let (primary, seen, cx) = self.begun.arguments();
        self.begun.operator.reconcile(primary, seen, cx).await
    }

    /// Calls the handler of the secondary of this name, `reconcile_<name>`.
    ///
    /// # Panics
    /// If no secondary has this name. One without `handler` escalates.
    ///
    /// # Errors
    /// Those of the reconciler.
    pub async fn handle(&self, secondary: &str) -> Result<Handled, BoxError> {
        let place = self.begun.secondary(secondary);
        let place = place.unwrap_or_else(|| panic!("no secondary is called `{secondary}`"));
        let (primary, seen, cx) = self.begun.arguments();
        self.begun.operator.handle(place, primary, seen, cx).await
    }

    /// Calls `cleanup`. The finalizer stays.
    ///
    /// # Errors
    /// Those of the reconciler.
    pub async fn cleanup(&self) -> Result<Cleanup, BoxError> {
        let (primary, seen, cx) = self.begun.arguments();
        self.begun.operator.cleanup(primary, seen, cx).await
    }
}

impl<O: Operator> fmt::Debug for TestRun<O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TestRun").field("run", &self.begun.state).finish_non_exhaustive()
    }
}
