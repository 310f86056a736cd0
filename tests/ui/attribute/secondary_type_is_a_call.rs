//! The type is that of a resource.

use k8s_openapi::api::core::v1::Pod;

#[derive(steersman::Operator)]
#[operator(primary = "Pod")]
#[secondary(Deployment(one))]
struct Audit;

fn main() {}
