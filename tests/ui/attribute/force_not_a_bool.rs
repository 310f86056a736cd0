//! A choice of two.

use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::Pod;

#[derive(steersman::Operator)]
#[operator(primary = "Pod")]
#[secondary(Deployment, force = "no")]
struct Audit;

fn main() {}
