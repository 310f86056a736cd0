//! Somebody is typing.

use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::{Pod};
use steersman::Operator;

#[derive(Operator)]
#[operator(primary = "Pod")]
#[secondary(Deployment, read_only, predicate = changed(steersman::ready::))]
struct Audit;

fn main() {}
