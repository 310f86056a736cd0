//! There is no `exists` for fields.

use k8s_openapi::api::core::v1::Pod;
use k8s_openapi::api::networking::v1::Ingress;

#[derive(steersman::Operator)]
#[operator(primary = "Ingress")]
#[secondary(Pod, fields = "spec.nodeName")]
struct Audit;

fn main() {}
