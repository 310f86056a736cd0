//! A single name is taken for a function.

use k8s_openapi::api::core::v1::Secret;
use kube::CustomResource;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use steersman::Operator;

#[derive(CustomResource, Operator, Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[kube(group = "demo.steersman.dev", version = "v1", kind = "WebApp", namespaced, status = "WebAppStatus")]
#[secondary(Secret, reference = secret_name)]
struct WebAppSpec { secret_name: String }

#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
struct WebAppStatus {}

fn main() {}
