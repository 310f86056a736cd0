//! They contradict each other.

use k8s_openapi::api::core::v1::{ConfigMap, Pod};
use steersman::Operator;

#[derive(Operator)]
#[operator(primary = "Pod")]
#[secondary(ConfigMap, write, read_only)]
struct Audit;

fn main() {}
