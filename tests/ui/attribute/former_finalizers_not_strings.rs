//! Names are strings.

use k8s_openapi::api::core::v1::Pod;

#[derive(steersman::Operator)]
#[operator(primary = "Pod")]
#[operator(former_finalizers = ["demo.steersman.dev/old", older])]
struct Audit;

fn main() {}
