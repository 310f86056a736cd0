//! A field that the kind does not have, beside one that it has.

use k8s_openapi::api::core::v1::Pod;
use k8s_openapi::api::networking::v1::Ingress;

#[derive(steersman::Operator)]
#[operator(primary = "Ingress")]
#[secondary(Pod, fields = "status.phse=Running, spec.nodeName!=")]
struct Audit;

fn main() {}
