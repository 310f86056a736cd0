//! Units are h, m, s and ms.

use k8s_openapi::api::core::v1::Pod;

#[derive(steersman::Operator)]
#[operator(primary = "Pod")]
#[operator(resync = "30 min")]
struct Audit;

fn main() {}
