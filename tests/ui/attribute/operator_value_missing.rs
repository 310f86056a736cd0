//! Nothing behind the equals sign.

use k8s_openapi::api::core::v1::Pod;

#[derive(steersman::Operator)]
#[operator(primary = "Pod")]
#[operator(resync = )]
struct Audit;

fn main() {}
