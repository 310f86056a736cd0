//! There is no old object, and none but the secondary.

use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::ConfigMap;

#[derive(steersman::Operator)]
#[operator(primary = "ConfigMap")]
#[secondary(Deployment, debounce = |old, new| std::time::Duration::ZERO)]
struct Two;

#[derive(steersman::Operator)]
#[operator(primary = "ConfigMap")]
#[secondary(Deployment, debounce = off)]
struct Off;

fn main() {}
