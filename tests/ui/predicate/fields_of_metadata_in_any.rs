//! There is neither.

use k8s_openapi::api::core::v1::ConfigMap;
use k8s_openapi::api::networking::v1::Ingress;

#[derive(steersman::Operator)]
#[operator(primary = "Ingress")]
#[secondary(ConfigMap, metadata, read_only, predicate = any(status_changed, labels_changed, data_changed))]
struct Audit;

fn main() {}
