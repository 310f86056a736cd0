//! A duration has a unit.

use k8s_openapi::api::core::v1::Pod;

#[derive(steersman::Operator)]
#[operator(primary = "Pod")]
#[operator(timeout = "30")]
struct Audit;

fn main() {}
