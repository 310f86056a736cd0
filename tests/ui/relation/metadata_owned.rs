//! Most likely the relation is forgotten.

use k8s_openapi::api::core::v1::{ConfigMap, Pod};
use steersman::Operator;

#[derive(Operator)]
#[operator(primary = "Pod")]
#[secondary(ConfigMap, metadata)]
struct Audit;

fn main() {}
