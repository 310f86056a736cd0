//! The one between is declared already.

use k8s_openapi::api::apps::v1::{Deployment, ReplicaSet};
use k8s_openapi::api::core::v1::Pod;
use k8s_openapi::api::networking::v1::Ingress;

#[derive(steersman::Operator)]
#[operator(primary = "Ingress")]
#[secondary(Deployment)]
#[secondary(Pod, through = deployments)]
#[secondary(ReplicaSet, through = Deployment)]
struct Audit;

fn main() {}
