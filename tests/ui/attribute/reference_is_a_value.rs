//! A name that is always the same needs no reference.

use k8s_openapi::api::core::v1::Pod;
use k8s_openapi::api::networking::v1::Ingress;

#[derive(steersman::Operator)]
#[operator(primary = "Ingress")]
#[secondary(Pod, reference = 5)]
struct Audit;

fn main() {}
