//! An edit of the spec wakes nobody.

use k8s_openapi::api::core::v1::Secret;
use kube::CustomResource;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use steersman::Operator;

#[derive(CustomResource, Operator, Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[kube(group = "demo.steersman.dev", version = "v1", kind = "WebApp", namespaced, status = "WebAppStatus")]
#[operator(predicate = status_changed)]
#[secondary(Secret, read_only)]
struct WebAppSpec {}

#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
struct WebAppStatus {}

fn main() {}
