//! A method cannot end in it.

use k8s_openapi::api::core::v1::Pod;
use k8s_openapi::api::core::v1::ConfigMap;

#[derive(steersman::Operator)]
#[operator(primary = "Pod")]
#[secondary(ConfigMap, name = r#type)]
struct Audit;

fn main() {}
