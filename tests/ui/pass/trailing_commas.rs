//! Commas and parentheses more than needed.

use k8s_openapi::api::core::v1::Pod;
use k8s_openapi::api::apps::v1::Deployment;

#[derive(steersman::Operator)]
#[operator(primary = "Pod")]
#[operator(resync = "30m",)]
#[secondary(Deployment, read_only, predicate = (any((spec_changed), changed((ready)),)),)]
#[allow(dead_code)]
struct Audit;

fn ready(_: &Deployment) -> bool {
    true
}

fn main() {}
