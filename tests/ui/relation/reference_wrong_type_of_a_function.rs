//! Nor do several.

use k8s_openapi::api::core::v1::Secret;
use kube::CustomResource;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use steersman::Operator;

#[derive(CustomResource, Operator, Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[kube(group = "demo.steersman.dev", version = "v1", kind = "Database", namespaced)]
#[secondary(Secret, reference = crate::counts)]
struct DatabaseSpec {
    replicas: u32,
}

fn counts(spec: &DatabaseSpec) -> Vec<u32> {
    vec![spec.replicas]
}

fn main() {}
