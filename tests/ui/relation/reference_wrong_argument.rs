//! Said by the compiler: the primary comes from elsewhere, so its function takes all of it.

use k8s_openapi::api::core::v1::{Pod, Secret};
use k8s_openapi::api::networking::v1::Ingress;

#[derive(steersman::Operator)]
#[operator(primary = "Ingress")]
#[secondary(Secret, reference = secrets)]
struct Audit;

fn secrets(_: &Pod) -> String {
    String::new()
}

fn main() {}
