//! A ReplicaSet stands between.

use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::Pod;
use k8s_openapi::api::networking::v1::Ingress;

#[derive(steersman::Operator)]
#[operator(primary = "Ingress")]
#[secondary(Deployment, one)]
#[secondary(Pod, through = Deployment, predicate = labels_changed)]
struct Audit;

fn main() {}
