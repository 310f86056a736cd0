//! Each secondary has a debounce of its own.

use k8s_openapi::api::core::v1::Pod;

#[derive(steersman::Operator)]
#[operator(primary = "Pod")]
#[operator(debounce = "1s")]
struct Audit;

fn main() {}
