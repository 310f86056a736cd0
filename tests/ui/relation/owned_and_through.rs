//! Owned by whom?

use k8s_openapi::api::apps::v1::StatefulSet;
use k8s_openapi::api::core::v1::Pod;
use k8s_openapi::api::networking::v1::Ingress;

#[derive(steersman::Operator)]
#[operator(primary = "Ingress")]
#[secondary(StatefulSet)]
#[secondary(Pod, owned, through = StatefulSet)]
struct Audit;

fn main() {}
