//! It loses changes.

use k8s_openapi::api::core::v1::Pod;
use k8s_openapi::api::apps::v1::Deployment;

#[derive(steersman::Operator)]
#[operator(primary = "Pod")]
#[secondary(Deployment, predicate = all(spec_changed, changed(|d| d.metadata.labels.clone())))]
struct Audit;

fn main() {}
