//! A kind is defined, and named as defined elsewhere.

use k8s_openapi::api::core::v1::{Pod};
use steersman::Operator;

#[derive(Operator)]
#[kube(group = "demo.steersman.dev", version = "v1", kind = "Pod", namespaced)]
#[operator(primary = "Pod")]
struct Audit;

fn main() {}
