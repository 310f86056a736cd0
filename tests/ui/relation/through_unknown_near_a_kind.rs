//! A near miss.

use k8s_openapi::api::apps::v1::StatefulSet;
use k8s_openapi::api::core::v1::Pod;
use k8s_openapi::api::networking::v1::Ingress;

#[derive(steersman::Operator)]
#[operator(primary = "Ingress")]
#[secondary(StatefulSet)]
#[secondary(Pod, through = StatefulSets)]
struct Audit;

fn main() {}
