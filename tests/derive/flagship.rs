//! An operator that uses every item.

use std::fmt;
use std::sync::Arc;

use k8s_openapi::api::apps::v1::{Deployment, StatefulSet};
use k8s_openapi::api::core::v1::{ConfigMap, Endpoints, Service};
use k8s_openapi::api::networking::v1::{Ingress, NetworkPolicy};
use kube::CustomResource;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use steersman::{Action, Cleanup, Handle, Handled, Operator, Secondaries, Trigger, WriteError};

/// A web application.
#[derive(CustomResource, Operator, Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[kube(group = "demo.steersman.dev", version = "v1", kind = "WebApp", namespaced, status = "WebAppStatus")]
#[kube(printcolumn(name = "Ready", type_ = "integer", json_path = ".status.ready"), shortname = "wa")]
#[operator(finalizer = "demo.steersman.dev/cleanup", former_finalizers = ["old.steersman.dev/cleanup", "cleanup"])]
#[operator(resync = "1h30m", timeout = "90s", predicate = generation_changed)]
#[secondary(Deployment, one, handler, predicate = any(spec_changed, changed(ready)), debounce = "1s100ms")]
#[secondary(Service, one, read_only, owned)]
#[secondary(ConfigMap, read_only)]
#[secondary(NetworkPolicy, predicate = generation_changed)]
#[secondary(Ingress, read_only, handler, predicate = changed(|ingress| ingress.metadata.labels.clone()))]
#[secondary(Endpoints, read_only, predicate = resource_version_changed)]
#[secondary(StatefulSet, one, name = database, debounce = "off", force = false)]
pub struct WebAppSpec {
    /// The number of copies.
    pub replicas: i32,
}

/// The status of a web application.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
pub struct WebAppStatus {
    /// The number of copies that are ready.
    pub ready: i32,
}

fn ready(deployment: &Deployment) -> Option<i32> {
    deployment.status.as_ref()?.ready_replicas
}

/// The reconciler.
#[derive(Debug)]
pub struct Controller;

/// The error of the reconciler.
#[derive(Debug)]
pub struct Failure(WriteError);

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl std::error::Error for Failure {}

impl From<WriteError> for Failure {
    fn from(error: WriteError) -> Self {
        Self(error)
    }
}

impl WebAppReconciler for Controller {
    type Error = Failure;

    async fn reconcile(&self, app: Arc<WebApp>, seen: WebAppSnapshot, cx: WebAppContext) -> Result<Action, Failure> {
        let deployment: Option<Arc<Deployment>> = seen.deployment.clone();
        let config_maps: &Secondaries<ConfigMap> = &seen.config_maps;
        let handle: Handle<NetworkPolicy> = cx.network_policies();
        let _ = (config_maps.len(), handle, cx.client(), &seen.ingresses, &seen.endpoints, &seen.service);
        if cx.triggers().contains(Trigger::Startup) && seen.database.is_none() {
            cx.database().apply(StatefulSet::default()).await?;
        }
        cx.deployment().apply(Deployment::default()).await?;
        let ready = cx.snapshot().deployment.as_deref().or(deployment.as_deref()).and_then(ready).unwrap_or_default();
        let app: Arc<WebApp> = cx.apply_status(WebAppStatus { ready: ready.min(app.spec.replicas) }).await?;
        Ok(if app.spec.replicas == ready { Action::await_change() } else { Action::again() })
    }

    async fn reconcile_deployment(
        &self,
        _: Arc<WebApp>,
        _: WebAppSnapshot,
        cx: WebAppContext,
    ) -> Result<Handled, Failure> {
        cx.clone().apply_status(WebAppStatus::default()).await?;
        Ok(Handled::Done)
    }

    async fn reconcile_ingresses(
        &self,
        _: Arc<WebApp>,
        seen: WebAppSnapshot,
        _: WebAppContext,
    ) -> Result<Handled, Failure> {
        let seen = seen.clone();
        Ok(if seen.ingresses.is_empty() { Handled::Escalate } else { Handled::Done })
    }

    async fn cleanup(&self, _: Arc<WebApp>, _: WebAppSnapshot, _: WebAppContext) -> Result<Cleanup, Failure> {
        Ok(Cleanup::Done)
    }
}

#[test]
fn the_declaration_says_what_the_attributes_say() {
    let declaration = super::declaration(WebApp::operator(Controller));
    for part in [
        r#"name: "WebApp""#,
        "primary: WebApp (demo.steersman.dev/v1)",
        r#""demo.steersman.dev/cleanup""#,
        r#""old.steersman.dev/cleanup""#,
        "5400s",
        "timeout: 90s",
        "kind: Deployment (apps/v1)",
        r##"attribute: "#[secondary(StatefulSet, one, name = database, debounce = \"off\", force = false)]""##,
        r#"name: "database""#,
        "1.1s",
        "0ns",
        "force: false",
        r#"name: "ingresses""#,
        r#"name: "network_policies""#,
        r#"name: "endpoints""#,
        r##"attribute: "#[secondary(Ingress, read_only, handler, predicate = changed(|ingress| ingress.metadata.labels.clone()))]""##,
    ] {
        assert!(declaration.contains(part), "{part} is not in {declaration}");
    }
}

#[test]
fn everything_can_be_printed() {
    fn printable<T: fmt::Debug>() {}
    printable::<WebAppSnapshot>();
    printable::<WebAppContext>();
    printable::<WebAppOperator<Controller>>();
}
