//! No object meets these.

use k8s_openapi::api::core::v1::{ConfigMap, Pod, Secret};
use steersman::Operator;

#[derive(Operator)]
#[operator(primary = "Pod")]
#[secondary(ConfigMap, read_only, selector = "tier = front, tier = back")]
#[secondary(Secret, read_only, selector = "tier, !tier")]
struct Audit;

fn main() {}
