//! One message: of what is no kind, no field is said to be missing.

use k8s_openapi::api::core::v1::PodSpec;
use k8s_openapi::api::networking::v1::Ingress;

#[derive(steersman::Operator)]
#[operator(primary = "Ingress")]
#[secondary(PodSpec, fields = "status.phse=Running")]
struct Audit;

fn main() {}
