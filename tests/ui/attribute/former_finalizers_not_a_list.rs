//! There may be several.

use k8s_openapi::api::core::v1::Pod;

#[derive(steersman::Operator)]
#[operator(primary = "Pod")]
#[operator(former_finalizers = "demo.steersman.dev/old")]
struct Audit;

fn main() {}
