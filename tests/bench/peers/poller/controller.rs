//! The reconciler, and what runs it.

use std::fmt::Debug;
use std::sync::Arc;
use std::time::Duration;

use examples::plain::api::{WebApp, WebAppStatus, readiness};
use examples::plain::bench;
use examples::plain::desired::{self, INSTANCE};
use futures::StreamExt;
use k8s_openapi::NamespaceResourceScope;
use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::{ConfigMap, Service};
use kube::api::{DeleteParams, ListParams, Patch, PatchParams};
use kube::runtime::controller::{Action, Controller};
use kube::runtime::finalizer::{self, Event, finalizer};
use kube::runtime::watcher::Config;
use kube::{Api, Client, Resource, ResourceExt};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::json;

use crate::relevant::{Relevant, owner};
use crate::wide;

const MANAGER: &str = "webapp-operator";
const FINALIZER: &str = "demo.steersman.dev/cleanup";
const PERIOD: Duration = Duration::from_secs(5);

#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    #[error(transparent)]
    Kube(#[from] kube::Error),
    #[error("{0}")]
    Finalizer(#[source] Box<finalizer::Error<Error>>),
}

/// Watches the WebApps of all namespaces until the process is asked to end.
pub(crate) async fn run(client: Client) {
    Controller::new(Api::<WebApp>::all(client.clone()), Config::default())
        .shutdown_on_signal()
        .run(reconcile, |_, _, _| Action::requeue(PERIOD), Arc::new(client))
        .for_each(|result| async move {
            if let Err(error) = result {
                tracing::warn!(%error, "not reconciled");
            }
        })
        .await;
}

async fn reconcile(app: Arc<WebApp>, client: Arc<Client>) -> Result<Action, Error> {
    // bench:
    bench::count();
    // :bench
    let apps = api::<WebApp>(&client, &*app);
    let done = finalizer(&apps, FINALIZER, app, |event| async {
        match event {
            Event::Apply(app) => apply(&app, &client).await,
            Event::Cleanup(app) => cleanup(&app),
        }
    });
    done.await.map_err(|error| Error::Finalizer(Box::new(error)))
}

async fn apply(app: &WebApp, client: &Client) -> Result<Action, Error> {
    let maps = list::<ConfigMap>(app, client).await?;
    for config in desired::config_maps(app) {
        ensure(client, &maps, config).await?;
    }
    let files = maps.iter().find(|map| map.name_any() == desired::files_name(app));
    if let (None, Some(files)) = (&app.spec.files, files)
        && owner(files, "WebApp") == app.metadata.uid.as_deref()
    {
        api::<ConfigMap>(client, app).delete(&files.name_any(), &DeleteParams::default()).await?;
    }
    let deployment = ensure(client, &list(app, client).await?, desired::deployment(app)).await?;
    ensure(client, &list::<Service>(app, client).await?, desired::service(app)).await?;
    report(app, client, &deployment).await?;
    Ok(Action::requeue(PERIOD))
}

fn cleanup(app: &WebApp) -> Result<Action, Error> {
    // Everything it owns is collected by Kubernetes; what lies outside of the cluster would be removed here.
    tracing::info!(image = app.spec.image, "cleaned up");
    Ok(Action::await_change())
}

/// All objects of a kind that a WebApp's label is on.
pub(crate) async fn list<K>(app: &WebApp, client: &Client) -> Result<Vec<K>, kube::Error>
where
    K: Resource<DynamicType = (), Scope = NamespaceResourceScope> + Clone + Debug + DeserializeOwned,
{
    let labelled = ListParams::default().labels(&format!("{INSTANCE}={}", app.name_any()));
    Ok(api(client, app).list(&labelled).await?.items)
}

/// The object as it is, after it was made what is wanted if it was not.
async fn ensure<K>(client: &Client, found: &[K], desired: K) -> Result<K, kube::Error>
where
    K: Relevant + Resource<Scope = NamespaceResourceScope> + Clone + Debug + Serialize + DeserializeOwned,
{
    let mut found = found.iter();
    let found = found.find(|found| found.name_any() == desired.name_any() && found.relevant() == desired.relevant());
    if let Some(found) = found {
        return Ok(found.clone());
    }
    let parameters = PatchParams::apply(MANAGER).force();
    api(client, &desired).patch(&desired.name_any(), &parameters, &Patch::Apply(&desired)).await
}

async fn report(app: &WebApp, client: &Client, deployment: &Deployment) -> Result<(), kube::Error> {
    let (mut ready_replicas, mut ready) = readiness(deployment);
    // bench:
    if bench::is_wide() {
        ready_replicas = wide::ready_pods(app, client, deployment).await?;
        ready = ready && ready_replicas == app.spec.replicas;
    }
    // :bench
    let observed_generation = app.metadata.generation.unwrap_or_default();
    let status = WebAppStatus { ready, ready_replicas, observed_generation };
    if app.status.as_ref() == Some(&status) {
        return Ok(());
    }
    let (version, kind) = (WebApp::api_version(&()), WebApp::kind(&()));
    let patch = Patch::Apply(json!({ "apiVersion": version, "kind": kind, "status": status }));
    api::<WebApp>(client, app).patch_status(&app.name_any(), &PatchParams::apply(MANAGER).force(), &patch).await?;
    Ok(())
}

/// The API for a kind in the namespace of an object.
fn api<K>(client: &Client, beside: &impl Resource) -> Api<K>
where
    K: Resource<DynamicType = (), Scope = NamespaceResourceScope>,
{
    Api::namespaced(client.clone(), &beside.namespace().unwrap_or_default())
}
