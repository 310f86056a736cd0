//! A finalizer is former or in use.

use k8s_openapi::api::core::v1::Pod;

#[derive(steersman::Operator)]
#[operator(primary = "Pod")]
#[operator(finalizer = "demo.steersman.dev/x", former_finalizers = ["demo.steersman.dev/x"])]
struct Audit;

fn main() {}
