//! A path that depends on where it stands.

use k8s_openapi::api::core::v1::Pod;

#[derive(steersman::Operator)]
#[operator(primary = "Pod")]
#[operator(crate = steersman)]
struct Audit;

fn main() {}
