//! A secondary that says no `handler`, one that is not declared, and a helper in the wrong place.

use std::sync::Arc;

use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::{ConfigMap, Pod};
use steersman::{Action, Cleanup, Handled, Operator, WriteError};

#[derive(Operator)]
#[operator(primary = "Pod", finalizer = "demo.steersman.dev/x")]
#[secondary(Deployment, one, handler, predicate = status_changed)]
#[secondary(ConfigMap)]
struct Audit;

struct Controller;

#[steersman::reconciler]
impl AuditReconciler for Controller {
    type Error = WriteError;

    async fn reconcile(&self, _: Arc<Pod>, _: AuditSnapshot, _: AuditContext) -> Result<Action, WriteError> {
        Ok(Action::await_change())
    }

    async fn reconcile_deployment(&self, _: Arc<Pod>, _: AuditSnapshot, _: AuditContext) -> Result<Handled, WriteError> {
        Ok(Handled::Done)
    }

    async fn cleanup(&self, _: Arc<Pod>, _: AuditSnapshot, _: AuditContext) -> Result<Cleanup, WriteError> {
        Ok(Cleanup::Done)
    }

    async fn reconcile_config_maps(&self, _: Arc<Pod>, _: AuditSnapshot, _: AuditContext) -> Result<Handled, WriteError> {
        Ok(Handled::Done)
    }

    async fn reconcile_ingress(&self, _: Arc<Pod>, _: AuditSnapshot, _: AuditContext) -> Result<Handled, WriteError> {
        Ok(Handled::Done)
    }

    fn desired(&self) -> ConfigMap {
        ConfigMap::default()
    }
}

fn main() {}
