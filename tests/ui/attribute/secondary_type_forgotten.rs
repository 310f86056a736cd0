//! The type comes first.

use k8s_openapi::api::core::v1::Pod;

#[derive(steersman::Operator)]
#[operator(primary = "Pod")]
#[secondary(one, predicate = spec_changed)]
struct Audit;

fn main() {}
