//! The value differs, the word does not.

use k8s_openapi::api::core::v1::Pod;
use k8s_openapi::api::networking::v1::Ingress;

#[derive(steersman::Operator)]
#[operator(primary = "Ingress")]
#[secondary(Pod, label = "app", label = "part-of")]
struct Audit;

fn main() {}
