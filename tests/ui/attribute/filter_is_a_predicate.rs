//! What controller-runtime and others call a filter is a predicate.

use k8s_openapi::api::core::v1::Pod;

#[derive(steersman::Operator)]
#[operator(primary = "Pod", filter = generation_changed)]
struct Audit;

fn main() {}
