//! The context has a method of that name.

use k8s_openapi::api::core::v1::Pod;
use k8s_openapi::api::core::v1::ConfigMap;

#[derive(steersman::Operator)]
#[operator(primary = "Pod")]
#[secondary(ConfigMap, name = triggers)]
struct Audit;

fn main() {}
