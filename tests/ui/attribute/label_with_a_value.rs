//! A key alone.

use k8s_openapi::api::core::v1::{ConfigMap, Pod, Secret};
use steersman::Operator;

#[derive(Operator)]
#[operator(primary = "Pod")]
#[secondary(ConfigMap, label = "demo.steersman.dev/pod=web")]
#[secondary(Secret, annotation = "demo.steersman.dev/pod = web")]
struct Audit;

fn main() {}
