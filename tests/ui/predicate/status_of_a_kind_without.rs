//! ConfigMaps have none.

use k8s_openapi::api::core::v1::ConfigMap;
use k8s_openapi::api::networking::v1::Ingress;

#[derive(steersman::Operator)]
#[operator(primary = "Ingress")]
#[secondary(ConfigMap, predicate = status_changed)]
struct Audit;

fn main() {}
