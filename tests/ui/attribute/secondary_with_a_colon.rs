//! As in a struct.

use k8s_openapi::api::core::v1::{ConfigMap, Pod};
use steersman::Operator;

#[derive(Operator)]
#[operator(primary = "Pod")]
#[secondary(ConfigMap, name: settings, read_only)]
struct Audit;

fn main() {}
