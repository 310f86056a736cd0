//! Somebody is typing.

use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::{Pod};
use steersman::Operator;

#[derive(Operator)]
#[operator(primary = "Pod")]
#[secondary(Deployment, o, read_only)]
struct Audit;

fn main() {}
