//! Zero would be a hot loop.

use k8s_openapi::api::core::v1::Pod;

#[derive(steersman::Operator)]
#[operator(primary = "Pod")]
#[operator(resync = "0s")]
struct Audit;

fn main() {}
