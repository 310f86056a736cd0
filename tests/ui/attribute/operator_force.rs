//! Conflicts are a matter of each secondary.

use k8s_openapi::api::core::v1::Pod;

#[derive(steersman::Operator)]
#[operator(primary = "Pod")]
#[operator(force = false)]
struct Audit;

fn main() {}
