//! A function is given to `changed`.

use k8s_openapi::api::core::v1::Pod;
use k8s_openapi::api::apps::v1::Deployment;

#[derive(steersman::Operator)]
#[operator(primary = "Pod")]
#[secondary(Deployment, predicate = crate::ready)]
struct Audit;

fn ready(_: &Deployment) -> bool {
    true
}

fn main() {}
