//! A name alone does not say whose.

use k8s_openapi::api::core::v1::Pod;
use k8s_openapi::api::networking::v1::Ingress;

#[derive(steersman::Operator)]
#[operator(primary = "Ingress")]
#[secondary(Pod, map = |pod| pod.metadata.name.clone(), metadata)]
struct Audit;

fn main() {}
