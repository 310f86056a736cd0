//! The reconciler, what it reads from, and what runs it.

use std::collections::HashMap;
use std::fmt::Debug;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use examples::plain::api::{WebApp, WebAppStatus, readiness};
use examples::plain::{bench, desired};
use futures::StreamExt;
use k8s_openapi::NamespaceResourceScope;
use k8s_openapi::api::apps::v1::{Deployment, DeploymentStatus};
use k8s_openapi::api::core::v1::{ConfigMap, Service};
use kube::api::{DeleteParams, Patch, PatchParams, Preconditions};
use kube::runtime::controller::{self, Action, Controller};
use kube::runtime::finalizer::{self, Event, finalizer};
use kube::runtime::reflector::store::WriterDropped;
use kube::runtime::reflector::{ObjectRef, Store};
use kube::runtime::watcher::{Config, watcher};
use kube::{Api, Client, Resource, ResourceExt};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::json;
use tokio::sync::OnceCell;

use crate::changes::{Filter, follow};
use crate::relevant::{Relevant, digest, owner};
use crate::wide::{self, Wide};

const MANAGER: &str = "webapp-operator";
const FINALIZER: &str = "demo.steersman.dev/cleanup";
const CONCURRENCY: u16 = 32;
const SAFETY_NET: Duration = Duration::from_secs(60 * 60);
/// A Deployment whose controller has not answered yet may come to be what it was before, which is no change.
const UNOBSERVED: Duration = Duration::from_secs(5);

#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    #[error(transparent)]
    Kube(#[from] kube::Error),
    #[error("a watch has ended: {0}")]
    Watch(#[from] WriterDropped),
    #[error("{0}")]
    Finalizer(#[source] Box<finalizer::Error<Error>>),
}

/// What is remembered of a WebApp between two runs.
#[derive(Default)]
struct Memory {
    failures: u32,
    /// The last status that was written, and the version of the WebApp that it made.
    written: Option<(u64, WebAppStatus)>,
}

struct Context {
    client: Client,
    deployments: Store<Deployment>,
    services: Store<Service>,
    config_maps: Store<ConfigMap>,
    are_complete: OnceCell<()>,
    memories: Mutex<HashMap<String, Memory>>,
    // bench:
    wide: Option<Wide>,
    // :bench
}

/// Watches all namespaces until the process is asked to end.
pub(crate) async fn run(client: Client) {
    let (apps, changed_apps) = follow(
        watcher(Api::<WebApp>::all(client.clone()), Config::default().streaming_lists()),
        Filter {
            is_ours: |_| true,
            digest: |app| {
                let metadata = &app.metadata;
                digest((metadata.generation, &metadata.finalizers, metadata.deletion_timestamp.is_some()))
            },
            tells_first_list: true,
        },
    );
    let (deployments, changed_deployments) = follow(
        watcher(Api::<Deployment>::all(client.clone()), Config::default().streaming_lists()),
        Filter { digest: |deployment| digest((deployment.relevant(), counts(deployment))), ..children() },
    );
    let (services, changed_services) =
        follow(watcher(Api::<Service>::all(client.clone()), Config::default().streaming_lists()), children());
    let (config_maps, changed_config_maps) =
        follow(watcher(Api::<ConfigMap>::all(client.clone()), Config::default().streaming_lists()), children());
    let controller = Controller::for_stream(changed_apps, apps)
        .owns_stream(changed_deployments)
        .owns_stream(changed_services)
        .owns_stream(changed_config_maps);
    // bench:
    let (controller, wide) = wide::watch(controller, &client);
    // :bench
    let context = Context {
        client,
        deployments,
        services,
        config_maps,
        are_complete: OnceCell::new(),
        memories: Mutex::default(),
        // bench:
        wide,
        // :bench
    };
    controller
        .with_config(controller::Config::default().concurrency(CONCURRENCY))
        .shutdown_on_signal()
        .run(reconcile, error_policy, Arc::new(context))
        .for_each(|result| async move {
            match result {
                // A child has changed whose WebApp is gone.
                Ok(_) | Err(controller::Error::ObjectNotFound(_)) => {}
                Err(error) => tracing::warn!(%error, "not reconciled"),
            }
        })
        .await;
}

fn children<K: Relevant>() -> Filter<K> {
    Filter { is_ours: |child| owner(child, "WebApp").is_some(), digest: Relevant::relevant, tells_first_list: false }
}

/// What makes a Deployment ready, but for whether its controller has observed it: that changes with every annotation.
fn counts(deployment: &Deployment) -> [Option<i32>; 3] {
    let status = deployment.status.as_ref();
    let count = |of: fn(&DeploymentStatus) -> Option<i32>| status.and_then(of);
    [count(|status| status.replicas), count(|status| status.updated_replicas), count(|status| status.ready_replicas)]
}

async fn reconcile(app: Arc<WebApp>, context: Arc<Context>) -> Result<Action, Error> {
    context.are_complete.get_or_try_init(|| context.complete()).await?;
    // bench:
    bench::count();
    // :bench
    let uid = app.uid().unwrap_or_default();
    let apps = context.api::<WebApp>(&*app);
    let action = finalizer(&apps, FINALIZER, app, |event| async {
        match event {
            Event::Apply(app) => context.apply(&app).await,
            Event::Cleanup(app) => context.cleanup(&app),
        }
    });
    let action = action.await.map_err(|error| Error::Finalizer(Box::new(error)))?;
    if let Some(memory) = context.memories().get_mut(&uid) {
        memory.failures = 0;
    }
    Ok(action)
}

/// Waits twice as long each time, up to two minutes.
fn error_policy(app: Arc<WebApp>, _: &Error, context: Arc<Context>) -> Action {
    let mut memories = context.memories();
    let failures = &mut memories.entry(app.uid().unwrap_or_default()).or_default().failures;
    *failures = (*failures + 1).min(10);
    Action::requeue(Duration::from_millis(125 << *failures))
}

impl Context {
    async fn complete(&self) -> Result<(), WriterDropped> {
        self.deployments.wait_until_ready().await?;
        self.services.wait_until_ready().await?;
        self.config_maps.wait_until_ready().await?;
        // bench:
        if let Some(wide) = &self.wide {
            wide.complete().await?;
        }
        // :bench
        Ok(())
    }

    async fn apply(&self, app: &WebApp) -> Result<Action, Error> {
        for config in desired::config_maps(app) {
            self.ensure(&self.config_maps, config).await?;
        }
        if app.spec.files.is_none() {
            self.remove_files(app).await?;
        }
        let deployment = self.ensure(&self.deployments, desired::deployment(app)).await?;
        self.ensure(&self.services, desired::service(app)).await?;
        let (mut ready_replicas, mut ready) = readiness(&deployment);
        // bench:
        if let Some(wide) = &self.wide {
            ready_replicas = wide.ready_pods(&deployment);
            ready = ready && ready_replicas == app.spec.replicas;
        }
        // :bench
        let observed_generation = app.metadata.generation.unwrap_or_default();
        self.report(app, WebAppStatus { ready, ready_replicas, observed_generation }).await?;
        let observed = deployment.status.as_ref().and_then(|status| status.observed_generation);
        Ok(Action::requeue(if observed == deployment.metadata.generation { SAFETY_NET } else { UNOBSERVED }))
    }

    fn cleanup(&self, app: &WebApp) -> Result<Action, Error> {
        // Everything it owns is collected by Kubernetes; what lies outside of the cluster would be removed here.
        tracing::info!(image = app.spec.image, "cleaned up");
        self.memories().remove(&app.uid().unwrap_or_default());
        Ok(Action::await_change())
    }

    /// The object as it is, after it was made what is wanted if it was not.
    async fn ensure<K>(&self, store: &Store<K>, desired: K) -> Result<Arc<K>, Error>
    where
        K: Relevant + Resource<Scope = NamespaceResourceScope> + Clone + Debug + Serialize + DeserializeOwned,
    {
        if let Some(found) = store.get(&ObjectRef::from_obj(&desired))
            && found.relevant() == desired.relevant()
        {
            return Ok(found);
        }
        let parameters = PatchParams::apply(MANAGER).force();
        let applied = self.api(&desired).patch(&desired.name_any(), &parameters, &Patch::Apply(&desired)).await?;
        Ok(Arc::new(applied))
    }

    /// The store holds only what a WebApp controls; that it is this one, the uid in the precondition makes sure.
    async fn remove_files(&self, app: &WebApp) -> Result<(), Error> {
        let name = desired::files_name(app);
        let key = ObjectRef::new(&name).within(&app.namespace().unwrap_or_default());
        let found = self.config_maps.get(&key);
        let Some(found) = found.filter(|found| owner(&**found, "WebApp") == app.metadata.uid.as_deref()) else {
            return Ok(());
        };
        let preconditions = Preconditions { uid: found.uid(), resource_version: None };
        let parameters = DeleteParams { preconditions: Some(preconditions), ..DeleteParams::default() };
        match self.api::<ConfigMap>(&*found).delete(&name, &parameters).await {
            Err(kube::Error::Api(status)) if status.code == 404 => Ok(()),
            result => Ok(result.map(|_| ())?),
        }
    }

    /// Writes a status that is news. As long as there is none, that nothing is ready is none.
    async fn report(&self, app: &WebApp, status: WebAppStatus) -> Result<(), Error> {
        let uid = app.uid().unwrap_or_default();
        let written = self.memories().get(&uid).and_then(|memory| memory.written.clone());
        let newest = match written {
            Some((version, written)) if version > version_of(app) => Some(written),
            _ => app.status.clone(),
        };
        let says_nothing = newest.is_none() && status.ready_replicas == 0 && !status.ready;
        if says_nothing || newest.as_ref() == Some(&status) {
            return Ok(());
        }
        let (version, kind) = (WebApp::api_version(&()), WebApp::kind(&()));
        let patch = Patch::Apply(json!({ "apiVersion": version, "kind": kind, "status": status }));
        let parameters = PatchParams::apply(MANAGER).force();
        let app = self.api::<WebApp>(app).patch_status(&app.name_any(), &parameters, &patch).await?;
        self.memories().entry(uid).or_default().written = Some((version_of(&app), status));
        Ok(())
    }

    /// The API for a kind in the namespace of an object.
    fn api<K>(&self, beside: &impl Resource) -> Api<K>
    where
        K: Resource<DynamicType = (), Scope = NamespaceResourceScope>,
    {
        Api::namespaced(self.client.clone(), &beside.namespace().unwrap_or_default())
    }

    fn memories(&self) -> MutexGuard<'_, HashMap<String, Memory>> {
        self.memories.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Since Kubernetes 1.35, versions are numbers that can be compared.
fn version_of(app: &WebApp) -> u64 {
    app.resource_version().and_then(|version| version.parse().ok()).unwrap_or_default()
}
