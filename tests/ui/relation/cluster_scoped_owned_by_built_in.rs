//! The garbage collector would delete it.

use k8s_openapi::api::core::v1::Pod;
use k8s_openapi::api::rbac::v1::ClusterRole;
use k8s_openapi::api::core::v1::Namespace;

#[derive(steersman::Operator)]
#[operator(primary = "Pod")]
#[secondary(ClusterRole, one)]
#[secondary(Namespace, one)]
struct Audit;

fn main() {}
