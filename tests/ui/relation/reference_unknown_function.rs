//! Said by the compiler, at the function.

use k8s_openapi::api::core::v1::Secret;
use k8s_openapi::api::networking::v1::Ingress;

#[derive(steersman::Operator)]
#[operator(primary = "Ingress")]
#[secondary(Secret, reference = crate::refs::secrets)]
struct Audit;

fn main() {}
