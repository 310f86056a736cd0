//! One message: a type that is not there has no fields that could be missing.

use k8s_openapi::api::networking::v1::Ingress;

#[derive(steersman::Operator)]
#[operator(primary = "Ingress")]
#[secondary(Pot, fields = "status.phse=Running")]
struct Audit;

fn main() {}
