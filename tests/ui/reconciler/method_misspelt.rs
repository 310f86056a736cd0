//! What is meant is not missed as well.

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

    async fn reconcile_deployments(&self, _: Arc<Pod>, _: AuditSnapshot, _: AuditContext) -> Result<Handled, WriteError> {
        Ok(Handled::Done)
    }

    async fn clean_up(&self, _: Arc<Pod>, _: AuditSnapshot, _: AuditContext) -> Result<Cleanup, WriteError> {
        Ok(Cleanup::Done)
    }
}

fn main() {}
