//! Most kinds can be selected by their names alone.

use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::networking::v1::Ingress;

#[derive(steersman::Operator)]
#[operator(primary = "Ingress")]
#[secondary(Deployment, fields = r"status.readyReplicas!=0")]
struct Audit;

fn main() {}
