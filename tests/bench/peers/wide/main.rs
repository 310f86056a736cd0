//! The flagship, which also follows the ReplicaSets and Pods of its Deployment: a second operator for the same custom resource.
#![forbid(unsafe_code)]

use std::error::Error;
use std::sync::Arc;

use examples::plain::bench;
use examples::webapp::api::{WebApp, WebAppStatus, readiness};
use examples::webapp::desired;
use k8s_openapi::api::apps::v1::{Deployment, ReplicaSet};
use k8s_openapi::api::core::v1::{ConfigMap, Pod, Service};
use steersman::{Action, Cleanup, Manager, Operator, WriteError};
use tracing::Level;

/// The watches of the flagship, and two more.
#[derive(Operator, Debug)]
#[operator(primary = WebApp, finalizer = "demo.steersman.dev/cleanup", resync = "30m")]
#[secondary(Deployment, one, predicate = any(spec_changed, changed(readiness)), debounce = "300ms")]
#[secondary(Service, one)]
#[secondary(ConfigMap)]
#[secondary(ReplicaSet, through = Deployment, metadata, predicate = labels_changed, debounce = "300ms")]
#[secondary(Pod, through = ReplicaSet, predicate = changed(is_ready), debounce = "300ms")]
struct Wide;

#[derive(Debug)]
struct Controller;

impl WideReconciler for Controller {
    type Error = WriteError;

    async fn reconcile(&self, app: Arc<WebApp>, _: WideSnapshot, cx: WideContext) -> Result<Action, WriteError> {
        bench::count();
        for config in desired::config_maps(&app) {
            cx.config_maps().apply(config).await?;
        }
        if app.spec.files.is_none() {
            cx.config_maps().delete(&desired::files_name(&app)).await?;
        }
        cx.deployment().apply(desired::deployment(&app)).await?;
        cx.service().apply(desired::service(&app)).await?;
        report(&app, &cx).await?;
        Ok(Action::await_change())
    }

    async fn cleanup(&self, app: Arc<WebApp>, _: WideSnapshot, _: WideContext) -> Result<Cleanup, WriteError> {
        bench::count();
        tracing::info!(image = app.spec.image, "cleaned up");
        Ok(Cleanup::Done)
    }
}

/// As in the flagship, but that the replicas that are ready are counted in Pods.
async fn report(app: &WebApp, cx: &WideContext) -> Result<(), WriteError> {
    let seen = cx.snapshot();
    let (_, complete) = seen.deployment.as_deref().map(readiness).unwrap_or_default();
    let ready_pods = seen.pods.iter().filter(|pod| is_ready(pod)).count();
    let ready_replicas = i32::try_from(ready_pods).unwrap_or(i32::MAX);
    let ready = complete && ready_replicas == app.spec.replicas;
    if app.status.is_some() || ready_replicas > 0 || ready {
        let observed_generation = app.metadata.generation.unwrap_or_default();
        cx.apply_status(WebAppStatus { ready, ready_replicas, observed_generation }).await?;
    }
    Ok(())
}

/// Whether a Pod is ready and stays.
fn is_ready(pod: &Pod) -> bool {
    let mut conditions = pod.status.iter().flat_map(|status| status.conditions.iter().flatten());
    let ready = conditions.any(|condition| condition.type_ == "Ready" && condition.status == "True");
    ready && pod.metadata.deletion_timestamp.is_none()
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error + Send + Sync>> {
    tracing_subscriber::fmt().with_writer(std::io::stderr).with_max_level(Level::WARN).init();
    Manager::new(bench::client().await?).with(Wide::operator(Controller)).run().await?;
    Ok(())
}
