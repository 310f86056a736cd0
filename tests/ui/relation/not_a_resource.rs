//! A part of a resource.

use k8s_openapi::api::core::v1::Pod;
use k8s_openapi::api::apps::v1::DeploymentSpec;

#[derive(steersman::Operator)]
#[operator(primary = "Pod")]
#[secondary(DeploymentSpec, one)]
struct Audit;

fn main() {}
