//! Said by `CustomResource` alone.

use kube::CustomResource;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use steersman::Operator;

#[derive(CustomResource, Operator, Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[kube(group = "demo.steersman.dev", version = "v1", kind = "WebApp", namespace)]
#[operator(resync = "30m")]
struct WebAppSpec {}

fn main() {}
