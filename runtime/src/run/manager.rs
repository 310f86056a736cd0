//! Several operators, one set of watches.

use std::any::TypeId;
use std::fmt;
use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;
use std::time::Duration;

use kube::Client;
use tokio::task::JoinSet;

use super::builder::{OperatorBuilder, Settings};
use super::dispatch::Dispatch;
use super::engine::{Engine, Operating};
use crate::core::record::Asked;
use crate::core::world::{CacheId, Source, World};
use crate::error::Error;
use crate::kind::KindInfo;
use crate::operator::{Declaration, Operator};
use crate::projection::Projection;
use crate::shared::Shared;
use crate::watch::Watch;
use crate::write::{Member, reporting_controller};

/// How long the runs in progress may go on after the manager was asked to stop.
const GRACE: Duration = Duration::from_secs(25);

/// Runs operators.
///
/// # Guarantees
/// - One watch and one cache per kind and namespace, however many operators declare it.
/// - An operator's first run begins when all of its caches are complete. Then each of its primaries runs once.
/// - A watch that cannot work (no right, no CRD, no connection) is tried again for ever and said once per state;
///   everything else goes on.
/// - Nothing that the API server answers, and no panic of a reconciler, ends it.
///
/// # Errors
/// Only what makes a start impossible is an error: see [`Error`].
pub struct Manager {
    client: Client,
    operators: Vec<(Arc<dyn Dispatch>, Settings)>,
    grace: Duration,
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
        Self { client, operators: Vec::new(), grace: GRACE }
    }

    /// Adds an operator.
    #[must_use]
    pub fn with<O: Operator>(mut self, operator: OperatorBuilder<O>) -> Self {
        let OperatorBuilder { operator, settings } = operator;
        self.operators.push((Arc::new(operator), settings));
        self
    }

    /// How long the runs in progress may go on after the manager was asked to stop; by default 25 s, within the 30 s that
    /// Kubernetes gives a Pod.
    #[must_use]
    pub fn grace(mut self, grace: Duration) -> Self {
        self.grace = grace;
        self
    }

    /// Runs until SIGTERM or Ctrl-C, then lets the runs in progress end.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn run(self) -> Result<(), Error> {
        let signal = signal()?;
        self.run_until(signal).await
    }

    /// Runs until `stop` is ready, then lets the runs in progress end. Dropping the future cancels everything at once.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn run_until(self, stop: impl Future<Output = ()>) -> Result<(), Error> {
        let Self { client, operators, grace } = self;
        let mut names: Vec<&String> = operators.iter().map(|(_, settings)| &settings.field_manager).collect();
        names.sort();
        if let Some(twice) = names.windows(2).find(|pair| pair[0] == pair[1]) {
            return Err(Error::SameFieldManager(twice[0].clone()));
        }
        let mut world = World::default();
        let mut plan = Plan::default();
        let seed = RandomState::new().hash_one(0);
        for (i, (_, settings)) in operators.iter().enumerate() {
            let sources = plan.sources(settings, &mut world);
            world.add_operator(&settings.declaration, sources, settings.pace(), settings.concurrency, seed ^ i as u64);
        }
        let shared = Arc::new(Shared::new(world, client));
        let watches = plan.watches();
        let operators = operators.into_iter().enumerate().map(|(i, (dispatch, settings))| {
            let member = member(i, &settings, &plan, &watches, shared.clone());
            Operating { dispatch, member: Arc::new(member), timeout: settings.declaration.timeout }
        });
        let engine = Engine::new(shared.clone(), operators.collect());
        let mut watching = JoinSet::new();
        for watch in watches {
            watching.spawn(watch.run(shared.clone()));
        }
        let reporting = shared.clone();
        watching.spawn(async move { reporting.reporter.run(&reporting.client).await });
        engine.run(stop, grace).await;
        watching.shutdown().await;
        shared.reporter.finish(&shared.client).await;
        Ok(())
    }
}

impl fmt::Debug for Manager {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.operators.iter().map(|(_, settings)| settings.declaration.name).collect();
        f.debug_struct("Manager").field("operators", &names).finish_non_exhaustive()
    }
}

/// Ready at SIGTERM or Ctrl-C.
fn signal() -> Result<impl Future<Output = ()>, Error> {
    #[cfg(unix)]
    let mut terminate =
        tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()).map_err(Error::Signals)?;
    Ok(async move {
        #[cfg(unix)]
        let terminated = terminate.recv();
        #[cfg(not(unix))]
        let terminated = std::future::pending::<Option<()>>();
        tokio::select! {
            _ = terminated => {}
            _ = tokio::signal::ctrl_c() => {}
        }
    })
}

/// Which watches the operators need together.
#[derive(Default)]
struct Plan {
    needs: Vec<Need>,
    /// The sources of each operator.
    sources: Vec<Vec<Source>>,
}

/// One watch in the making.
struct Need {
    kind: KindInfo,
    namespace: Option<String>,
    cache: CacheId,
    projections: Vec<Projection>,
    managers: Vec<Arc<str>>,
    attributes: Vec<String>,
}

impl Plan {
    fn sources(&mut self, settings: &Settings, world: &mut World) -> Vec<Source> {
        let Declaration { name, primary, projection, secondaries, .. } = &settings.declaration;
        let attribute = format!("#[derive(Operator)] of {name}");
        let mut sources = vec![self.need(primary, projection, attribute, settings, world)];
        for secondary in secondaries {
            let attribute = format!("{} of {name}", secondary.attribute);
            sources.push(self.need(&secondary.kind, &secondary.projection, attribute, settings, world));
        }
        self.sources.push(sources.clone());
        sources
    }

    /// Joins a watch that there is, or plans a new one.
    fn need(
        &mut self,
        kind: &KindInfo,
        projection: &Projection,
        attribute: String,
        settings: &Settings,
        world: &mut World,
    ) -> Source {
        let namespace = settings.namespace.clone().filter(|_| kind.namespaced);
        let identity = |kind: &KindInfo| -> (TypeId, String, String) {
            (kind.type_id, kind.api_version(), kind.plural.to_string())
        };
        let same = |need: &Need| identity(&need.kind) == identity(kind) && need.namespace == namespace;
        let need = match self.needs.iter().position(same) {
            Some(i) => &mut self.needs[i],
            None => {
                let cache = world.add_cache();
                let (projections, managers, attributes) = (Vec::new(), Vec::new(), Vec::new());
                self.needs.push(Need { kind: kind.clone(), namespace, cache, projections, managers, attributes });
                let last = self.needs.len() - 1;
                &mut self.needs[last]
            }
        };
        need.projections.push(projection.clone());
        need.managers.push(settings.field_manager.as_str().into());
        need.attributes.push(attribute);
        Source { cache: need.cache, projection: need.projections.len() - 1 }
    }

    fn watches(&self) -> Vec<Watch> {
        let watch = |need: &Need| Watch {
            kind: need.kind.clone(),
            namespace: need.namespace.clone(),
            cache: need.cache,
            asked: Asked { projections: need.projections.clone().into(), managers: need.managers.clone().into() },
            attributes: need.attributes.clone(),
        };
        self.needs.iter().map(watch).collect()
    }
}

fn member(operator: usize, settings: &Settings, plan: &Plan, watches: &[Watch], shared: Arc<Shared>) -> Member {
    let Declaration { name, primary, finalizers, secondaries, .. } = &settings.declaration;
    let asked = plan.sources[operator].iter().map(|source| watches[source.cache.0].asked.clone());
    Member {
        id: crate::core::world::OperatorId(operator),
        name,
        field_manager: settings.field_manager.clone(),
        reporting_controller: reporting_controller(&settings.field_manager).into(),
        finalizers: *finalizers,
        kinds: std::iter::once(primary).chain(secondaries.iter().map(|s| &s.kind)).cloned().collect(),
        // A status is the operator's own.
        forces: std::iter::once(true).chain(secondaries.iter().map(|s| s.force)).collect(),
        ones: secondaries.iter().map(|s| s.one).collect(),
        asked: asked.collect(),
        stats: settings.stats.clone(),
        shared,
    }
}
