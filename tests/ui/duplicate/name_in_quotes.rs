//! A name is an identifier.

use k8s_openapi::api::core::v1::Pod;
use k8s_openapi::api::core::v1::ConfigMap;

#[derive(steersman::Operator)]
#[operator(primary = "Pod")]
#[secondary(ConfigMap, name = "config")]
struct Audit;

fn main() {}
