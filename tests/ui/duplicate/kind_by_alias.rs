//! The macro sees names alone, the compiler types.

use k8s_openapi::api::core::v1::Pod;
use k8s_openapi::api::apps::v1::Deployment;

#[derive(steersman::Operator)]
#[operator(primary = "Pod")]
#[secondary(Deployment, one)]
#[secondary(Deploy)]
struct Audit;

type Deploy = Deployment;

fn main() {}
