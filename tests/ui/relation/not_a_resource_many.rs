//! Nothing else is said about it.

use k8s_openapi::api::core::v1::Pod;
use k8s_openapi::api::apps::v1::DeploymentSpec;

#[derive(steersman::Operator)]
#[operator(primary = "Pod")]
#[secondary(DeploymentSpec, handler, predicate = changed(|spec| spec.replicas))]
#[secondary(String, one)]
struct Audit;

fn main() {}
