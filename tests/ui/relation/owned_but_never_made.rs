//! A watch of what nobody makes waits for nothing. Each secondary has a message of its own.

use std::sync::Arc;

use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::{ConfigMap, Pod, Secret};
use steersman::{Action, Operator, WriteError};

#[derive(Operator)]
#[operator(primary = "Pod")]
#[secondary(ConfigMap)]
#[secondary(Deployment, one)]
#[secondary(Secret, name = certificates, owned = any)]
pub struct Audit;

struct Controller;

impl AuditReconciler for Controller {
    type Error = WriteError;

    async fn reconcile(&self, _: Arc<Pod>, seen: AuditSnapshot, cx: AuditContext) -> Result<Action, WriteError> {
        drop((seen.deployment, seen.certificates));
        cx.config_maps().delete("old").await?;
        Ok(Action::await_change())
    }
}

#[tokio::main]
async fn main() -> Result<(), steersman::Error> {
    steersman::Manager::try_default().await?.with(Audit::operator(Controller)).run().await
}
