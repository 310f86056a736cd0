//! Nothing is written.

use k8s_openapi::api::core::v1::{ConfigMap, Pod};
use steersman::Operator;

#[derive(Operator)]
#[operator(primary = "Pod")]
#[secondary(ConfigMap, read_only, force = false)]
struct Audit;

fn main() {}
