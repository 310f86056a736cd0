//! Said by the compiler, at what can neither be hashed nor serialized.

use k8s_openapi::api::core::v1::Pod;
use k8s_openapi::api::apps::v1::Deployment;

#[derive(steersman::Operator)]
#[operator(primary = "Pod")]
#[secondary(Deployment, predicate = changed(|d| d.status.as_ref().map(|s| s.conditions.iter())))]
struct Audit;

fn main() {}
