//! Two primaries.

use kube::CustomResource;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use steersman::Operator;

#[derive(CustomResource, Operator, Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[kube(group = "demo.steersman.dev", version = "v1", kind = "WebApp", namespaced)]
#[operator(primary = "k8s_openapi::api::core::v1::Pod")]
struct WebAppSpec {}

fn main() {}
