//! Said by the compiler, at the type.

use k8s_openapi::api::core::v1::Pod;

#[derive(steersman::Operator)]
#[operator(primary = "Pod")]
#[secondary(Deploymnt, one)]
struct Audit;

fn main() {}
