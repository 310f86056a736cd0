//! Two relations of one kind need two names.

use k8s_openapi::api::core::v1::Secret;
use k8s_openapi::api::networking::v1::Ingress;

#[derive(steersman::Operator)]
#[operator(primary = "Ingress")]
#[secondary(Secret)]
#[secondary(Secret, label = "app")]
struct Audit;

fn main() {}
