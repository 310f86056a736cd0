//! Said once, although both derives read it.

use kube::CustomResource;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use steersman::Operator;

#[derive(CustomResource, Operator, Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[kube(group = "demo.steersman.dev", version = "v1", kind = 5, namespaced)]
#[operator(resync = "30m")]
struct WebAppSpec {}

fn main() {}
