//! Nobody could say which one woke the primary.

use k8s_openapi::api::core::v1::Pod;
use k8s_openapi::api::networking::v1::Ingress;

#[derive(steersman::Operator)]
#[operator(primary = "Ingress")]
#[secondary(Pod, label = "app", annotation = "app")]
struct Audit;

fn main() {}
