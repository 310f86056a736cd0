//! The annotation has to say the namespace.

use k8s_openapi::api::networking::v1::Ingress;
use k8s_openapi::api::rbac::v1::ClusterRole;

#[derive(steersman::Operator)]
#[operator(primary = "Ingress")]
#[secondary(ClusterRole, one, annotation = "demo.steersman.dev/owner")]
struct Audit;

fn main() {}
