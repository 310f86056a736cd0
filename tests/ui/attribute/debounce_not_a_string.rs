//! Durations are strings.

use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::Pod;

#[derive(steersman::Operator)]
#[operator(primary = "Pod")]
#[secondary(Deployment, debounce = 100)]
struct Audit;

fn main() {}
