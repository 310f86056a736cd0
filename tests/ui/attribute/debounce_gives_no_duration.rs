//! A function that debounces says how long, as a `Duration`.

use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::{ConfigMap, Pod};

#[derive(steersman::Operator)]
#[operator(primary = "ConfigMap")]
#[secondary(Pod, read_only, debounce = |pod| pod.status.is_some())]
struct ByClosure;

fn millis(_: &Deployment) -> u64 {
    300
}

#[derive(steersman::Operator)]
#[operator(primary = "ConfigMap")]
#[secondary(Deployment, debounce = millis)]
struct ByPath;

fn main() {}
