//! What no API server took cannot be there.

use k8s_openapi::api::core::v1::Pod;

#[derive(steersman::Operator)]
#[operator(primary = "Pod")]
#[operator(former_finalizers = ["Demo.steersman.dev/old", "older one"])]
struct Audit;

fn main() {}
