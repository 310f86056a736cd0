//! The kind counts, not what is kept of it.

use k8s_openapi::api::core::v1::Event;
use k8s_openapi::api::networking::v1::Ingress;

#[derive(steersman::Operator)]
#[operator(primary = "Ingress")]
#[secondary(Event, label = "demo.steersman.dev/ingress", fields = "regarding.kind=Ingress", metadata)]
struct Audit;

fn main() {}
