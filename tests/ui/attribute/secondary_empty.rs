//! The type is missing.

use k8s_openapi::api::core::v1::Pod;

#[derive(steersman::Operator)]
#[operator(primary = "Pod")]
#[secondary()]
struct Audit;

fn main() {}
