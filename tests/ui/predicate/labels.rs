//! A predicate that is written with a function.

use k8s_openapi::api::core::v1::Pod;
use k8s_openapi::api::apps::v1::Deployment;

#[derive(steersman::Operator)]
#[operator(primary = "Pod")]
#[secondary(Deployment, predicate = labels)]
struct Audit;

fn main() {}
