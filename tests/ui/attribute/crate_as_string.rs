//! A path without quotes.

use k8s_openapi::api::core::v1::Pod;

#[derive(steersman::Operator)]
#[operator(primary = "Pod")]
#[operator(crate = "::steersman")]
struct Audit;

fn main() {}
