//! Only the resync can be off.

use k8s_openapi::api::core::v1::Pod;

#[derive(steersman::Operator)]
#[operator(primary = "Pod")]
#[operator(timeout = "off")]
struct Audit;

fn main() {}
