//! Nothing is compared.

use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::{ConfigMap, Pod};
use steersman::Operator;

#[derive(Operator)]
#[operator(primary = "Pod")]
#[secondary(Deployment, read_only, predicate = changed(|_| true))]
#[secondary(ConfigMap, read_only, predicate = changed(|map| { drop(map.data.clone()); }))]
struct Audit;

fn main() {}
