//! The compiler lets them stand there, and nobody would read them.

use k8s_openapi::api::core::v1::Secret;
use kube::CustomResource;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use steersman::Operator;

#[derive(CustomResource, Operator, Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[kube(group = "demo.steersman.dev", version = "v1", kind = "WebApp", namespaced)]
pub struct WebAppSpec {
    #[secondary(Secret, reference = spec.secret)]
    secret: String,
    #[operator(resync = "10m")]
    replicas: i32,
}

fn main() {}
