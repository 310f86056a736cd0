//! No status is declared.

use k8s_openapi::api::core::v1::Secret;
use kube::CustomResource;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use steersman::Operator;

#[derive(CustomResource, Operator, Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[kube(group = "demo.steersman.dev", version = "v1", kind = "Database", namespaced)]
#[operator(predicate = any(spec_changed, status_changed))]
#[secondary(Secret)]
struct DatabaseSpec {}

fn main() {}
