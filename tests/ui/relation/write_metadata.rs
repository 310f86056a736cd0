//! There is only a part of the object.

use k8s_openapi::api::core::v1::Pod;
use k8s_openapi::api::networking::v1::Ingress;

#[derive(steersman::Operator)]
#[operator(primary = "Ingress")]
#[secondary(Pod, label = "app", metadata, write)]
struct Audit;

fn main() {}
