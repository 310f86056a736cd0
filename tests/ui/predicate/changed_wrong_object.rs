//! Said by the compiler, at the function.

use k8s_openapi::api::core::v1::Pod;
use k8s_openapi::api::apps::v1::Deployment;

#[derive(steersman::Operator)]
#[operator(primary = "Pod")]
#[secondary(Deployment, predicate = changed(ready))]
struct Audit;

fn ready(_: &Pod) -> bool {
    true
}

fn main() {}
