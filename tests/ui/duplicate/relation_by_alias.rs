//! The macro sees names alone, the compiler types.

use k8s_openapi::api::core::v1::Secret;
use k8s_openapi::api::networking::v1::Ingress;

#[derive(steersman::Operator)]
#[operator(primary = "Ingress")]
#[secondary(Secret)]
#[secondary(Secret, label = "app", name = labelled)]
#[secondary(Hidden, label = "app")]
struct Audit;

type Hidden = Secret;

fn main() {}
