//! A key is a qualified name.

use k8s_openapi::api::core::v1::Pod;
use k8s_openapi::api::networking::v1::Ingress;

#[derive(steersman::Operator)]
#[operator(primary = "Ingress")]
#[secondary(Pod, annotation = "demo.example.com/")]
struct Audit;

fn main() {}
