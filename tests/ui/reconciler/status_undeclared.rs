//! There is no status to write.

use kube::CustomResource;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use steersman::Operator;

#[derive(CustomResource, Operator, Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[kube(group = "demo.steersman.dev", version = "v1", kind = "WebApp", namespaced)]

struct WebAppSpec {}

async fn write(cx: WebAppContext) {
    cx.apply_status(()).await.ok();
}

fn main() {}
