//! A list of none says nothing.

use k8s_openapi::api::core::v1::Pod;

#[derive(steersman::Operator)]
#[operator(primary = "Pod")]
#[operator(former_finalizers = [])]
struct Audit;

fn main() {}
