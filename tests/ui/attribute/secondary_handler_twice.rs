//! Each item is given once.

use k8s_openapi::api::core::v1::Pod;
use k8s_openapi::api::apps::v1::Deployment;

#[derive(steersman::Operator)]
#[operator(primary = "Pod")]
#[secondary(Deployment, handler, one, handler, predicate = status_changed)]
struct Audit;

fn main() {}
