//! Only what is declared can be read.

use std::sync::Arc;

use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::Pod;
use steersman::{Action, Operator};

#[derive(Operator)]
#[operator(primary = "Pod")]
#[secondary(Deployment, one)]
struct Audit;

struct Controller;

impl AuditReconciler for Controller {
    type Error = String;

    async fn reconcile(&self, _: Arc<Pod>, seen: AuditSnapshot, _: AuditContext) -> Result<Action, Self::Error> {
        drop(seen.services);
        Ok(Action::await_change())
    }
}

fn main() {}
