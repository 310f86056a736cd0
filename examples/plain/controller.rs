//! The reconciler, and what runs it.

use std::fmt::Debug;
use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt;
use k8s_openapi::NamespaceResourceScope;
use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::{ConfigMap, Service};
use kube::api::{DeleteParams, Patch, PatchParams};
use kube::runtime::controller::{Action, Controller};
use kube::runtime::finalizer::{self, Event, finalizer};
use kube::runtime::watcher::Config;
use kube::{Api, Client, Resource, ResourceExt};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::json;

use super::api::{WebApp, WebAppStatus, readiness};
use super::{bench, desired, wide};

const MANAGER: &str = "webapp-operator";
const FINALIZER: &str = "demo.steersman.dev/cleanup";

/// Why a reconcile failed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The API server has refused something.
    #[error(transparent)]
    Kube(#[from] kube::Error),
    /// The reconcile has failed, or the finalizer could not be added or removed.
    #[error("{0}")]
    Finalizer(#[source] Box<finalizer::Error<Error>>),
}

/// What the reconciler needs.
struct Data {
    client: Client,
}

/// Watches all namespaces until the process is asked to end.
pub async fn run(client: Client) {
    let mut controller = Controller::new(Api::<WebApp>::all(client.clone()), Config::default())
        .owns(Api::<Deployment>::all(client.clone()), Config::default())
        .owns(Api::<Service>::all(client.clone()), Config::default())
        .owns(Api::<ConfigMap>::all(client.clone()), Config::default());
    // bench:
    if bench::is_wide() {
        controller = wide::watch(controller, &client);
    }
    // :bench
    controller
        .shutdown_on_signal()
        .run(reconcile, error_policy, Arc::new(Data { client }))
        .for_each(|result| async move {
            match result {
                Ok((app, _)) => tracing::debug!(%app, "reconciled"),
                Err(error) => tracing::warn!(%error, "not reconciled"),
            }
        })
        .await;
}

async fn reconcile(app: Arc<WebApp>, data: Arc<Data>) -> Result<Action, Error> {
    // bench:
    bench::count();
    // :bench
    let apps = Api::<WebApp>::namespaced(data.client.clone(), &app.namespace().unwrap_or_default());
    let done = finalizer(&apps, FINALIZER, app, |event| async {
        match event {
            Event::Apply(app) => apply(&app, &data.client).await,
            Event::Cleanup(app) => cleanup(&app),
        }
    });
    done.await.map_err(|error| Error::Finalizer(Box::new(error)))
}

/// Asks again after the same time, whatever has failed and however often.
fn error_policy(_: Arc<WebApp>, _: &Error, _: Arc<Data>) -> Action {
    Action::requeue(Duration::from_secs(1))
}

async fn apply(app: &WebApp, client: &Client) -> Result<Action, Error> {
    for config in desired::config_maps(app) {
        patch(client, config).await?;
    }
    if app.spec.files.is_none() {
        remove_files(app, client).await?;
    }
    let deployment = patch(client, desired::deployment(app)).await?;
    patch(client, desired::service(app)).await?;
    let (mut ready_replicas, mut ready) = readiness(&deployment);
    // bench:
    if bench::is_wide() {
        ready_replicas = wide::ready_pods(client, app, &deployment).await?;
        ready = ready && ready_replicas == app.spec.replicas;
    }
    // :bench
    let observed_generation = app.metadata.generation.unwrap_or_default();
    report(app, client, WebAppStatus { ready, ready_replicas, observed_generation }).await?;
    // What no watch has shown is looked for again after a while.
    Ok(Action::requeue(Duration::from_secs(5 * 60)))
}

fn cleanup(app: &WebApp) -> Result<Action, Error> {
    // Everything it owns is collected by Kubernetes; what lies outside of the cluster would be removed here.
    tracing::info!(image = app.spec.image, "cleaned up");
    Ok(Action::await_change())
}

/// Server-side apply. The answer is the object as it is now.
async fn patch<K>(client: &Client, desired: K) -> Result<K, kube::Error>
where
    K: Resource<DynamicType = (), Scope = NamespaceResourceScope> + Clone + Debug + Serialize + DeserializeOwned,
{
    let api = Api::<K>::namespaced(client.clone(), &desired.namespace().unwrap_or_default());
    api.patch(&desired.name_any(), &PatchParams::apply(MANAGER).force(), &Patch::Apply(&desired)).await
}

/// Whether there is something to remove, and whether it is ours, the API server alone knows.
async fn remove_files(app: &WebApp, client: &Client) -> Result<(), kube::Error> {
    let (api, name) =
        (Api::<ConfigMap>::namespaced(client.clone(), &app.namespace().unwrap_or_default()), desired::files_name(app));
    let Some(found) = api.get_metadata_opt(&name).await? else { return Ok(()) };
    if found.owner_references().iter().any(|owner| Some(&owner.uid) == app.metadata.uid.as_ref()) {
        api.delete(&name, &DeleteParams::default()).await?;
    }
    Ok(())
}

async fn report(app: &WebApp, client: &Client, status: WebAppStatus) -> Result<(), kube::Error> {
    let api = Api::<WebApp>::namespaced(client.clone(), &app.namespace().unwrap_or_default());
    let (version, kind) = (WebApp::api_version(&()), WebApp::kind(&()));
    let patch = Patch::Apply(json!({ "apiVersion": version, "kind": kind, "status": status }));
    api.patch_status(&app.name_any(), &PatchParams::apply(MANAGER).force(), &patch).await?;
    Ok(())
}
