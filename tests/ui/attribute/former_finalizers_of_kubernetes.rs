//! The garbage collector needs its own.

use k8s_openapi::api::core::v1::Pod;

#[derive(steersman::Operator)]
#[operator(primary = "Pod")]
#[operator(former_finalizers = ["foregroundDeletion"])]
struct Audit;

fn main() {}
