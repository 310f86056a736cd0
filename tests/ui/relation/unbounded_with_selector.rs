//! One of the two is not meant.

use k8s_openapi::api::core::v1::Pod;
use k8s_openapi::api::networking::v1::Ingress;

#[derive(steersman::Operator)]
#[operator(primary = "Ingress")]
#[secondary(Pod, map = |_| [], unbounded, selector = "app")]
struct Audit;

fn main() {}
