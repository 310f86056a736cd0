//! Words of other frameworks are translated.

use k8s_openapi::api::core::v1::Pod;
use k8s_openapi::api::networking::v1::Ingress;

#[derive(steersman::Operator)]
#[operator(primary = "Ingress", label_selector = "app=web", namespaces = ["shop"])]
#[secondary(Pod)]
struct Audit;

fn main() {}
