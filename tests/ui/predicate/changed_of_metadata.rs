//! Said by the compiler, at the field.

use k8s_openapi::api::core::v1::ConfigMap;
use k8s_openapi::api::networking::v1::Ingress;

#[derive(steersman::Operator)]
#[operator(primary = "Ingress")]
#[secondary(ConfigMap, metadata, read_only, predicate = changed(|map| &map.data))]
struct Audit;

fn main() {}
