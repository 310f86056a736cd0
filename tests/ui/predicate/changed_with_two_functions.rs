//! One function for each.

use k8s_openapi::api::core::v1::Pod;
use k8s_openapi::api::apps::v1::Deployment;

#[derive(steersman::Operator)]
#[operator(primary = "Pod")]
#[secondary(Deployment, predicate = changed(|d| d.metadata.labels.clone(), |d| d.metadata.annotations.clone()))]
struct Audit;

fn main() {}
