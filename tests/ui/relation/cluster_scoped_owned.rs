//! The garbage collector would delete it.

use k8s_openapi::api::rbac::v1::ClusterRole;
use kube::CustomResource;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use steersman::Operator;

#[derive(CustomResource, Operator, Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[kube(group = "demo.steersman.dev", version = "v1", kind = "WebApp", namespaced)]
#[secondary(ClusterRole, one)]
struct WebAppSpec {}

fn main() {}
