//! Every mistake of one struct is reported in one compile, and nothing else although the code below uses all that is
//! generated.

use std::sync::Arc;

use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::{ConfigMap, Secret, Service};
use kube::CustomResource;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use steersman::{Action, Cleanup, Handled, Operator};

#[derive(CustomResource, Operator, Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[kube(group = "demo.steersman.dev", version = "v1", kind = "WebApp", namespaced, status = "WebAppStatus")]
#[operator(finalizer = "cleanup", resync = "30 min", timeout = "0s", finaliser = "x", predicate = labels)]
#[secondary(Deployment, one, handlr, predicate = any(spec_chnged, all(spec_changed), changed()))]
#[secondary(Service, one, name = snapshot)]
#[secondary(ConfigMap, name = type, filter = x)]
#[secondary(Service, handler, handler, ignore_status)]
#[secondary(name = tls)]
#[secondary(Secret, name = deployment)]
struct WebAppSpec {}

#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
struct WebAppStatus {}

struct Controller;

impl WebAppReconciler for Controller {
    type Error = steersman::WriteError;

    async fn reconcile(&self, _: Arc<WebApp>, seen: WebAppSnapshot, cx: WebAppContext) -> Result<Action, Self::Error> {
        if seen.deployment.is_none() {
            cx.deployment().apply(Deployment::default()).await?;
        }
        cx.apply_status(WebAppStatus {}).await?;
        Ok(Action::await_change())
    }

    async fn reconcile_deployment(
        &self,
        _: Arc<WebApp>,
        _: WebAppSnapshot,
        _: WebAppContext,
    ) -> Result<Handled, Self::Error> {
        Ok(Handled::Done)
    }

    async fn cleanup(&self, _: Arc<WebApp>, _: WebAppSnapshot, _: WebAppContext) -> Result<Cleanup, Self::Error> {
        Ok(Cleanup::Done)
    }
}

async fn run(manager: steersman::Manager) -> Result<(), steersman::Error> {
    manager.with(WebApp::operator(Controller)).run().await
}

fn main() {}
