//! The API server takes it, and sends nothing.

use k8s_openapi::api::networking::v1::Ingress;
use k8s_openapi::api::rbac::v1::ClusterRole;

#[derive(steersman::Operator)]
#[operator(primary = "Ingress")]
#[secondary(ClusterRole, annotation = "demo.steersman.dev/ingress", cross_namespace, fields = "metadata.namespace=shop")]
struct Audit;

fn main() {}
