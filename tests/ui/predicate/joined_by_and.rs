//! They lose changes.

use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::{Pod};
use steersman::Operator;

#[derive(Operator)]
#[operator(primary = "Pod")]
#[secondary(Deployment, read_only, predicate = spec_changed && status_changed)]
struct Audit;

fn main() {}
