//! The spec as a whole names nothing.

use k8s_openapi::api::core::v1::Pod;
use k8s_openapi::api::networking::v1::Ingress;

#[derive(steersman::Operator)]
#[operator(primary = "Ingress")]
#[secondary(Pod, reference = spec)]
struct Audit;

fn main() {}
