//! Said by the compiler, at what can neither be hashed nor serialized.

use k8s_openapi::api::core::v1::Pod;
use k8s_openapi::api::apps::v1::Deployment;

#[derive(steersman::Operator)]
#[operator(primary = "Pod")]
#[secondary(Deployment, predicate = changed(replicas))]
struct Audit;

struct Replicas(Option<i32>);

fn replicas(deployment: &Deployment) -> Replicas {
    Replicas(deployment.spec.replicas)
}

fn main() {}
