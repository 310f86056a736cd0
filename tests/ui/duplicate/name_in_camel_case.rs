//! A field has snake case.

use k8s_openapi::api::core::v1::Pod;
use k8s_openapi::api::core::v1::ConfigMap;

#[derive(steersman::Operator)]
#[operator(primary = "Pod")]
#[secondary(ConfigMap, name = webConfig)]
struct Audit;

fn main() {}
