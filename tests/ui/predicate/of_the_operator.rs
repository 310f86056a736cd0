//! The same words as for a secondary.

use k8s_openapi::api::core::v1::Pod;

#[derive(steersman::Operator)]
#[operator(primary = "Pod")]
#[operator(predicate = all(spec_changed))]
struct Audit;

fn main() {}
