//! Several operators, one set of watches.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use futures::stream::BoxStream;
use kube::Client;
use tokio::sync::oneshot;

use super::builder::{OperatorBuilder, Settings};
use super::dispatch::Dispatch;
use super::running::Running;
use super::signals::Signals;
use crate::error::Error;
use crate::leader::LeaderElection;
use crate::operator::Operator;
use crate::refer::Named;
use crate::rights::Rules;

/// How long the runs in progress may go on after the manager was asked to stop.
const GRACE: Duration = Duration::from_secs(25);

/// Runs operators.
///
/// # Guarantees
/// - One watch and one cache per kind, namespaces, selector and representation (whole, or `metadata`), however many operators
///   declare it.
/// - An operator's first run begins when all of its caches are complete. Then each of its primaries runs once.
/// - At the start it is reviewed whether it has all [`rules`](Manager::rules); what is missing is said once, and given rights are
///   noticed (see [`guide::deployment`](crate::guide::deployment#rights)). Nothing waits for that.
/// - A watch that cannot work (no right, no CRD, no connection) is tried again for ever and said once per state, with the
///   remedy (see [`guide::deployment`](crate::guide::deployment#what-is-said-at-the-start)); everything else goes on.
/// - Nothing that the API server answers, and no panic of a reconciler, ends it.
///
/// # Errors
/// Only what makes a start impossible is an error: see [`Error`].
pub struct Manager {
    pub(super) client: Client,
    pub(super) operators: Vec<Added>,
    pub(super) grace: Duration,
    pub(super) election: Option<LeaderElection>,
    pub(super) concurrency: usize,
    #[cfg(feature = "server")]
    pub(super) server: Option<crate::server::Server>,
    /// Of a test.
    #[cfg(feature = "testing")]
    pub(super) journal: Option<Arc<crate::testing::Journal>>,
}

/// One operator of a manager that is yet to run.
pub(crate) struct Added {
    pub(super) dispatch: Arc<dyn Dispatch>,
    pub(crate) settings: Settings,
    pub(super) triggers: Vec<BoxStream<'static, Named>>,
}

impl Added {
    pub(crate) fn new<O: Operator>(operator: OperatorBuilder<O>) -> Self {
        let OperatorBuilder { operator, settings, triggers } = operator;
        Self { dispatch: Arc::new(operator), settings, triggers }
    }
}

impl Manager {
    /// With the cluster that `KUBECONFIG`, `~/.kube/config` or the Pod's service account names.
    ///
    /// # Errors
    /// [`Error::Config`] or [`Error::Client`] if there is no usable configuration. The cluster is not contacted.
    pub async fn try_default() -> Result<Self, Error> {
        let config = kube::Config::infer().await.map_err(Error::Config)?;
        Ok(Self::new(Client::try_from(config).map_err(Error::Client)?))
    }

    /// With this client.
    pub fn new(client: Client) -> Self {
        Self {
            client,
            operators: Vec::new(),
            grace: GRACE,
            election: None,
            concurrency: usize::MAX,
            #[cfg(feature = "server")]
            server: None,
            #[cfg(feature = "testing")]
            journal: None,
        }
    }

    /// Adds an operator.
    #[must_use]
    pub fn with<O: Operator>(self, operator: OperatorBuilder<O>) -> Self {
        self.with_added(Added::new(operator))
    }

    #[must_use]
    pub(crate) fn with_added(mut self, added: Added) -> Self {
        self.operators.push(added);
        self
    }

    /// The rights that its operators need together, as the declarations say, and those that leader election needs. No cluster is asked.
    pub fn rules(&self) -> Rules {
        let rules = self.operators.iter().map(|added| added.settings.rules()).fold(Rules::default(), Rules::and);
        match &self.election {
            Some(election) => rules.and_lease(election.lease_namespace(), election.lease_name()),
            None => rules,
        }
    }

    /// How long the runs in progress may go on after the manager was asked to stop; by default 25 s. What follows takes up to 5 s
    /// more: the last events are sent (2 s), and the lease is given up (3 s). Together that is what Kubernetes gives a Pod.
    #[must_use]
    pub fn grace(mut self, grace: Duration) -> Self {
        self.grace = grace;
        self
    }

    /// The number of runs that go on at the same time, of all operators together; at least 1, by default as many as the
    /// operators' own [limits](OperatorBuilder::concurrency) allow.
    ///
    /// Operators share the places fairly: a place goes to the one with the fewest runs among those that have something to do, and
    /// among equals in turn. So one that is busy may take all places while the others rest, and each of the others waits for the
    /// end of one run at most.
    #[must_use]
    pub fn concurrency(mut self, runs: usize) -> Self {
        self.concurrency = runs.max(1);
        self
    }

    /// Works only while this replica leads. Without it, a manager takes itself for the only one.
    #[must_use]
    pub fn leader_election(mut self, election: LeaderElection) -> Self {
        self.election = Some(election);
        self
    }

    /// Answers probes, and shows metrics and debug views, on this port.
    #[cfg(feature = "server")]
    #[must_use]
    pub fn server(mut self, server: crate::server::Server) -> Self {
        self.server = Some(server);
        self
    }

    /// Runs until SIGTERM or Ctrl-C, then stops as [`Manager::run_until`] does. A second signal ends that at once.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn run(self) -> Result<(), Error> {
        let mut signals = Signals::new()?;
        let (stop, stopped) = oneshot::channel::<()>();
        let running = self.run_until(async {
            let _ = stopped.await;
        });
        tokio::pin!(running);
        tokio::select! {
            ended = &mut running => return ended,
            () = signals.next() => drop(stop),
        }
        tokio::select! {
            ended = &mut running => ended,
            () = signals.next() => {
                tracing::warn!("a second signal; ending at once, without what was still to be done");
                Ok(())
            }
        }
    }

    /// Runs until `stop` is ready. From then on no run begins, and those in progress may go on for the [grace](Manager::grace);
    /// what is left of them then is cancelled. The watches end, the events that were told are sent, and if there is a
    /// [leader election](Manager::leader_election) the lease is given up. Dropping the future cancels everything at once.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn run_until(self, stop: impl Future<Output = ()>) -> Result<(), Error> {
        self.check()?;
        let grace = self.grace;
        Running::start(self).until(stop, grace).await;
        Ok(())
    }

    /// What was set and cannot be meant.
    pub(super) fn check(&self) -> Result<(), Error> {
        let Self { operators, election, .. } = self;
        let mut names: Vec<&String> = operators.iter().map(|added| &added.settings.field_manager).collect();
        names.sort();
        if let Some(twice) = names.windows(2).find(|pair| pair[0] == pair[1]) {
            return Err(Error::SameFieldManager(twice[0].clone()));
        }
        operators.iter().try_for_each(|added| added.settings.check())?;
        election.iter().try_for_each(LeaderElection::check)
    }
}

impl fmt::Debug for Manager {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.operators.iter().map(|added| added.settings.declaration.name).collect();
        f.debug_struct("Manager").field("operators", &names).finish_non_exhaustive()
    }
}
