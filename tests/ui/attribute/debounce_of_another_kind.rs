//! A function that debounces takes the secondary.

use std::time::Duration;

use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::{ConfigMap, Pod};

fn wait(_: &Pod) -> Duration {
    Duration::ZERO
}

#[derive(steersman::Operator)]
#[operator(primary = "ConfigMap")]
#[secondary(Deployment, debounce = wait)]
struct Audit;

fn main() {}
