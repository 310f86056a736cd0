//! The type comes first.

use k8s_openapi::api::core::v1::Pod;

#[derive(steersman::Operator)]
#[operator(primary = "Pod")]
#[secondary(name = tls, Deployment)]
struct Audit;

fn main() {}
