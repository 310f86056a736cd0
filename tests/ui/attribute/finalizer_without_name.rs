//! Its name is missing.

use k8s_openapi::api::core::v1::{Pod};
use steersman::Operator;

#[derive(Operator)]
#[operator(primary = "Pod", finalizer = "demo.steersman.dev/")]
struct Audit;

fn main() {}
