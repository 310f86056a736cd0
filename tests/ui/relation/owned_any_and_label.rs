//! `owned = any` goes with `through` alone.

use k8s_openapi::api::core::v1::Pod;
use k8s_openapi::api::networking::v1::Ingress;

#[derive(steersman::Operator)]
#[operator(primary = "Ingress")]
#[secondary(Pod, label = "app", owned = any)]
struct Audit;

fn main() {}
