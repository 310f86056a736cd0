//! A part of a resource.

use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::PodSpec;

#[derive(steersman::Operator)]
#[operator(primary = "PodSpec")]
#[secondary(Deployment, one)]
struct Audit;

fn main() {}
