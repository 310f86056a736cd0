//! The kind counts, not its name.

use k8s_openapi::api::core::v1::Pod as Whale;
use k8s_openapi::api::networking::v1::Ingress;

type Whales = Whale;

#[derive(steersman::Operator)]
#[operator(primary = "Ingress")]
#[secondary(Whales, fields = "spec.node_name=n1")]
struct Audit;

fn main() {}
