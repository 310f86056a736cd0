//! The garbage collector would delete it.

use k8s_openapi::api::batch::v1::Job;
use k8s_openapi::api::networking::v1::Ingress;
use k8s_openapi::api::rbac::v1::ClusterRole;

#[derive(steersman::Operator)]
#[operator(primary = "Ingress")]
#[secondary(Job)]
#[secondary(ClusterRole, through = Job)]
struct Audit;

fn main() {}
