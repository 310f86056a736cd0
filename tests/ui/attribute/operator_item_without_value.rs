//! A key alone.

use k8s_openapi::api::core::v1::Pod;

#[derive(steersman::Operator)]
#[operator(primary = "Pod")]
#[operator(finalizer)]
struct Audit;

fn main() {}
