//! What is not owned is read only.

use k8s_openapi::api::core::v1::Secret;
use kube::CustomResource;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use steersman::{Action, Operator};

#[derive(CustomResource, Operator, Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[kube(group = "demo.steersman.dev", version = "v1", kind = "Database", namespaced)]
#[secondary(Secret, one, name = tls, reference = spec.secret_name)]
struct DatabaseSpec {
    secret_name: String,
}

struct Controller;

impl DatabaseReconciler for Controller {
    type Error = steersman::WriteError;

    async fn reconcile(
        &self,
        _: std::sync::Arc<Database>,
        _: DatabaseSnapshot,
        cx: DatabaseContext,
    ) -> Result<Action, Self::Error> {
        cx.tls().apply(Secret::default()).await;
        Ok(Action::await_change())
    }
}

fn main() {}
