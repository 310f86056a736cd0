//! The part before the `/` is a domain.

use k8s_openapi::api::core::v1::Pod;
use k8s_openapi::api::networking::v1::Ingress;

#[derive(steersman::Operator)]
#[operator(primary = "Ingress")]
#[secondary(Pod, selector = "Demo.example.com/tier")]
struct Audit;

fn main() {}
