//! The kind counts, not what is kept of it.

use k8s_openapi::api::networking::v1::Ingress;
use k8s_openapi::api::rbac::v1::ClusterRole;

#[derive(steersman::Operator)]
#[operator(primary = "Ingress")]
#[secondary(ClusterRole, metadata, read_only)]
struct Audit;

fn main() {}
