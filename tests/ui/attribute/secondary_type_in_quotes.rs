//! The type is written as it is.

use k8s_openapi::api::core::v1::Pod;

#[derive(steersman::Operator)]
#[operator(primary = "Pod")]
#[secondary("Deployment", one)]
struct Audit;

fn main() {}
