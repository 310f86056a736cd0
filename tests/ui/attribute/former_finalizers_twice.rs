//! Once is enough.

use k8s_openapi::api::core::v1::Pod;

#[derive(steersman::Operator)]
#[operator(primary = "Pod")]
#[operator(former_finalizers = ["demo.steersman.dev/x", "demo.steersman.dev/y", "demo.steersman.dev/x"])]
struct Audit;

fn main() {}
