//! The ReplicaSet is where the Deployment is.

use k8s_openapi::api::core::v1::Pod;
use k8s_openapi::api::networking::v1::Ingress;

use k8s_openapi::api::apps::v1 as apps;

#[derive(steersman::Operator)]
#[operator(primary = "Ingress")]
#[secondary(apps::Deployment, name = servers)]
#[secondary(Pod, through = servers)]
struct Audit;

fn main() {}
