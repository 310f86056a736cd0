//! One declaration covers all that is owned.

use k8s_openapi::api::core::v1::Pod;
use k8s_openapi::api::apps::v1::Deployment;

#[derive(steersman::Operator)]
#[operator(primary = "Pod")]
#[secondary(Deployment, one)]
#[secondary(Deployment, name = others)]
struct Audit;

fn main() {}
