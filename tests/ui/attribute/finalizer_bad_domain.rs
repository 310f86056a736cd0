//! A domain has lower case letters.

use k8s_openapi::api::core::v1::Pod;

#[derive(steersman::Operator)]
#[operator(primary = "Pod")]
#[operator(finalizer = "Demo.steersman.dev/cleanup")]
struct Audit;

fn main() {}
