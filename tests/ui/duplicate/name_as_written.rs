//! Two secondaries of one name.

use k8s_openapi::api::core::v1::Pod;
use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::ConfigMap;

#[derive(steersman::Operator)]
#[operator(primary = "Pod")]
#[secondary(Deployment, name = workload)]
#[secondary(ConfigMap, one, name = workload)]
struct Audit;

fn main() {}
