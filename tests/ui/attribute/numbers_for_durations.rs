//! With the number that was meant.

use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::{Pod};
use steersman::Operator;

#[derive(Operator)]
#[operator(primary = "Pod", resync = 3600)]
#[secondary(Deployment, read_only, debounce = 500)]
struct Audit;

fn main() {}
