//! A duration is a string.

use k8s_openapi::api::core::v1::Pod;

#[derive(steersman::Operator)]
#[operator(primary = "Pod")]
#[operator(resync = 30)]
struct Audit;

fn main() {}
