//! Somebody else works with it.

use k8s_openapi::api::core::v1::{Pod};
use steersman::Operator;

#[derive(Operator)]
#[operator(primary = "Pod", finalizer = "kubernetes.io/pvc-protection")]
struct Audit;

fn main() {}
