//! A run may move between threads.

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

    async fn reconcile(&self, _: Arc<Pod>, _: AuditSnapshot, _: AuditContext) -> Result<Action, Self::Error> {
        let shared = std::rc::Rc::new(5);
        std::future::ready(()).await;
        drop(shared);
        Ok(Action::await_change())
    }
}

fn main() {}
