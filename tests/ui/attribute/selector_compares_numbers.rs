//! Kubernetes has it, but few have heard of it.

use k8s_openapi::api::core::v1::Pod;
use k8s_openapi::api::networking::v1::Ingress;

#[derive(steersman::Operator)]
#[operator(primary = "Ingress")]
#[secondary(Pod, selector = "replicas > 3")]
struct Audit;

fn main() {}
