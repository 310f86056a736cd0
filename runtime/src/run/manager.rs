//! Several operators, one set of watches.

use std::fmt;
use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt;
use futures::stream::BoxStream;
use kube::Client;
use tokio::sync::oneshot;
use tokio::task::JoinSet;

use super::builder::{OperatorBuilder, Settings};
use super::dispatch::Dispatch;
use super::engine::{Engine, Operating};
use super::plan::Plan;
use crate::core::key::Key;
use crate::core::world::{OperatorId, World};
use crate::error::Error;
use crate::kind::KindInfo;
use crate::leader::{LeaderElection, Leadership, elect};
use crate::operator::{Declaration, Operator};
use crate::refer::Named;
use crate::rights::{Rules, review};
use crate::shared::Shared;
use crate::watch::{Watch, fetch};
use crate::write::{Member, Tellers, reporting_controller};

/// How long the runs in progress may go on after the manager was asked to stop.
const GRACE: Duration = Duration::from_secs(25);

/// Runs operators.
///
/// # Guarantees
/// - One watch and one cache per kind, namespaces, selector and representation (whole, or `metadata`), however many operators
///   declare it.
/// - An operator's first run begins when all of its caches are complete. Then each of its primaries runs once.
/// - At the start it is reviewed whether it has all [`rules`](Manager::rules); what is missing is said once, and given rights are
///   noticed (see [the crate](crate#rights)). Nothing waits for that.
/// - A watch that cannot work (no right, no CRD, no connection) is tried again for ever and said once per state, with the
///   remedy (see [the crate](crate#what-is-said-at-the-start)); everything else goes on.
/// - Nothing that the API server answers, and no panic of a reconciler, ends it.
///
/// # Errors
/// Only what makes a start impossible is an error: see [`Error`].
pub struct Manager {
    client: Client,
    operators: Vec<Added>,
    grace: Duration,
    election: Option<LeaderElection>,
    concurrency: usize,
    #[cfg(feature = "server")]
    server: Option<crate::server::Server>,
}

/// One operator of a manager that is yet to run.
pub(crate) struct Added {
    dispatch: Arc<dyn Dispatch>,
    pub(crate) settings: Settings,
    triggers: Vec<BoxStream<'static, Named>>,
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
        let rules = self.rules();
        let Self {
            client,
            operators,
            grace,
            election,
            concurrency,
            #[cfg(feature = "server")]
            server,
        } = self;
        let mut names: Vec<&String> = operators.iter().map(|added| &added.settings.field_manager).collect();
        names.sort();
        if let Some(twice) = names.windows(2).find(|pair| pair[0] == pair[1]) {
            return Err(Error::SameFieldManager(twice[0].clone()));
        }
        operators.iter().try_for_each(|added| added.settings.check())?;
        election.iter().try_for_each(LeaderElection::check)?;
        let mut world = World::default();
        let mut plan = Plan::default();
        let seed = RandomState::new().hash_one(0);
        for (i, Added { settings, .. }) in operators.iter().enumerate() {
            plan.add(settings, &mut world, seed ^ i as u64);
        }
        let leadership = if election.is_some() { Leadership::contested() } else { Leadership::alone() };
        let shared = Arc::new(Shared::new(world, client, leadership));
        let watches: Arc<[Watch]> = plan.watches().into();
        let mut watching = JoinSet::new();
        let operators = operators.into_iter().enumerate().map(|(i, Added { dispatch, settings, triggers })| {
            let member = member(i, &settings, &plan, &watches, shared.clone());
            for stream in triggers {
                watching.spawn(heed(stream, member.id, settings.declaration.primary.clone(), shared.clone()));
            }
            Operating { dispatch, member: Arc::new(member), timeout: settings.declaration.timeout }
        });
        let operators: Vec<Operating> = operators.collect();
        let tellers = tellers(&operators, &shared);
        #[cfg(feature = "server")]
        if let Some(server) = server {
            let members = operators.iter().map(|operating| operating.member.clone()).collect();
            watching.spawn(server.serve(crate::inspect::Views::new(shared.clone(), watches.clone(), members)));
        }
        let engine = Engine::new(shared.clone(), operators, concurrency);
        for watch in watches.iter() {
            watching.spawn(watch.clone().run(shared.clone()));
        }
        watching.spawn(fetch(watches, shared.clone()));
        watching.spawn(review(rules, shared.client.clone()));
        let (reporting, telling) = (shared.clone(), tellers.clone());
        watching.spawn(async move { reporting.reporter.run(&telling).await });
        let (resign, resigns) = oneshot::channel();
        let mut electing = JoinSet::new();
        if let Some(election) = election {
            electing.spawn(elect(election, shared.clone(), resigns));
        }
        engine.run(stop, grace).await;
        watching.shutdown().await;
        shared.reporter.finish(&tellers).await;
        drop(resign);
        while electing.join_next().await.is_some() {}
        Ok(())
    }
}

impl fmt::Debug for Manager {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.operators.iter().map(|added| added.settings.declaration.name).collect();
        f.debug_struct("Manager").field("operators", &names).finish_non_exhaustive()
    }
}

/// SIGTERM and Ctrl-C.
struct Signals {
    #[cfg(unix)]
    terminate: tokio::signal::unix::Signal,
}

impl Signals {
    fn new() -> Result<Self, Error> {
        #[cfg(unix)]
        let terminate =
            tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()).map_err(Error::Signals)?;
        Ok(Self {
            #[cfg(unix)]
            terminate,
        })
    }

    /// Ready at the next one.
    async fn next(&mut self) {
        #[cfg(unix)]
        let terminated = self.terminate.recv();
        #[cfg(not(unix))]
        let terminated = std::future::pending::<Option<()>>();
        tokio::select! {
            _ = terminated => {}
            _ = tokio::signal::ctrl_c() => {}
        }
    }
}

/// Has every primary run that the stream names.
async fn heed(mut stream: BoxStream<'static, Named>, operator: OperatorId, kind: KindInfo, shared: Arc<Shared>) {
    while let Some(Named { namespace, name }) = stream.next().await {
        let key = Key::new(namespace.as_deref().filter(|_| kind.namespaced), &name);
        if !shared.change(|world, now| world.external(operator, &key, now)) {
            tracing::debug!(kind = %kind, primary = %key, "a trigger names no primary");
        }
    }
}

/// Whose events are sent with which client.
fn tellers(operators: &[Operating], shared: &Shared) -> Tellers {
    let client = |member: &Member| (member.reporting_controller.clone(), member.api.client.clone());
    let operators = operators.iter().map(|operating| client(&operating.member)).collect();
    Tellers { operators, manager: shared.client.clone() }
}

fn member(operator: usize, settings: &Settings, plan: &Plan, watches: &[Watch], shared: Arc<Shared>) -> Member {
    let Declaration { name, primary, finalizers, secondaries, .. } = &settings.declaration;
    settings.stats.attach(&shared, OperatorId(operator));
    let asked = plan.sources(operator).iter().map(|source| watches[source.cache.0].asked.clone());
    Member {
        id: OperatorId(operator),
        name,
        field_manager: settings.field_manager.clone(),
        reporting_controller: reporting_controller(&settings.field_manager).into(),
        finalizers: *finalizers,
        kinds: std::iter::once(primary).chain(secondaries.iter().map(|s| &s.kind)).cloned().collect(),
        secondaries: secondaries.clone().into(),
        asked: asked.collect(),
        stats: settings.stats.clone(),
        error_policy: settings.error_policy.clone(),
        api: shared.api(name, settings.bucket()),
        shared,
    }
}
