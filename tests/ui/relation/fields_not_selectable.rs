//! A field that the kind has, and that the API server cannot select by.

use k8s_openapi::api::core::v1::Secret;
use k8s_openapi::api::networking::v1::Ingress;

#[derive(steersman::Operator)]
#[operator(primary = "Ingress")]
#[secondary(Secret, label = "demo.steersman.dev/ingress", fields = "immutable=true")]
struct Audit;

fn main() {}
