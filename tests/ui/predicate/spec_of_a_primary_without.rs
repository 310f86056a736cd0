//! It would hide every change.

use kube::CustomResource;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use steersman::Operator;

#[derive(CustomResource, Operator, Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[kube(group = "demo.steersman.dev", version = "v1", kind = "WebApp", namespaced, no_spec)]
#[operator(predicate = any(generation_changed, spec_changed))]
struct WebAppSpec {}

fn main() {}
