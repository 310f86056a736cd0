//! Said once, of the type as it is written.

use k8s_openapi::api::apps::v1::DeploymentSpec;
use k8s_openapi::api::networking::v1::Ingress;

#[derive(steersman::Operator)]
#[operator(primary = "Ingress")]
#[secondary(DeploymentSpec, metadata, read_only)]
struct Audit;

fn main() {}
