//! None is a word of its own.

use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::Pod;

#[derive(steersman::Operator)]
#[operator(primary = "Pod")]
#[secondary(Deployment, debounce = "0s")]
struct Audit;

fn main() {}
