//! Items stand in parentheses.

use k8s_openapi::api::core::v1::Pod;

#[derive(steersman::Operator)]
#[operator(primary = "Pod")]
#[operator]
struct Audit;

fn main() {}
