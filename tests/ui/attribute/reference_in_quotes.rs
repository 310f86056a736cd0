//! A field is written without quotes.

use k8s_openapi::api::core::v1::Pod;
use k8s_openapi::api::networking::v1::Ingress;

#[derive(steersman::Operator)]
#[operator(primary = "Ingress")]
#[secondary(Pod, reference = "spec.secret_name")]
struct Audit;

#[derive(steersman::Operator)]
#[operator(primary = "Ingress")]
#[secondary(Pod, reference = "secretName")]
struct Named;

fn main() {}
