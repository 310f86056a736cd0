//! `read_only`, `metadata` and `exported` say that somebody else makes it.

#![deny(warnings)]

use std::sync::Arc;

use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::{ConfigMap, Pod, Secret};
use steersman::{Action, Operator, WriteError};

#[derive(Operator)]
#[operator(primary = "Pod")]
#[secondary(ConfigMap)]
#[secondary(Deployment, one, read_only)]
#[secondary(Secret, metadata, read_only)]
pub struct Audit;

/// Its reconcilers are in other crates.
#[derive(Operator)]
#[operator(primary = "Pod", exported)]
#[secondary(ConfigMap)]
pub struct Exported;

struct Controller;

impl AuditReconciler for Controller {
    type Error = WriteError;

    async fn reconcile(&self, _: Arc<Pod>, seen: AuditSnapshot, cx: AuditContext) -> Result<Action, WriteError> {
        drop((seen.deployment, seen.secrets));
        cx.config_maps().delete("old").await?;
        Ok(Action::await_change())
    }
}

fn main() {
    drop(Audit::operator(Controller));
}
