//! A finalizer is a string.

use k8s_openapi::api::core::v1::Pod;

#[derive(steersman::Operator)]
#[operator(primary = "Pod")]
#[operator(finalizer = cleanup)]
struct Audit;

fn main() {}
