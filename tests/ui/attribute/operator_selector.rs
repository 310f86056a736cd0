//! The primaries are selected alike.

use k8s_openapi::api::core::v1::Pod;
use k8s_openapi::api::networking::v1::Ingress;

#[derive(steersman::Operator)]
#[operator(primary = "Ingress", selector = "tier in front")]
#[secondary(Pod)]
struct Audit;

fn main() {}
