//! A name has no slash.

use k8s_openapi::api::core::v1::Pod;

#[derive(steersman::Operator)]
#[operator(primary = "Pod")]
#[operator(finalizer = "demo.steersman.dev/clean/up")]
struct Audit;

fn main() {}
