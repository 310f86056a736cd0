//! The label is at the word that asks for it.

use std::sync::Arc;

use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::Pod;
use steersman::{Action, Operator};

#[derive(Operator)]
#[operator(primary = "Pod")]
#[secondary(Deployment, one, handler, predicate = status_changed)]
struct Audit;

struct Controller;

impl AuditReconciler for Controller {
    type Error = String;

    async fn reconcile(&self, _: Arc<Pod>, _: AuditSnapshot, _: AuditContext) -> Result<Action, Self::Error> {
        Ok(Action::await_change())
    }
}

fn main() {}
