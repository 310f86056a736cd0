//! Said by the compiler, at what is not hashable.

use k8s_openapi::api::core::v1::Pod;
use k8s_openapi::api::apps::v1::Deployment;

#[derive(steersman::Operator)]
#[operator(primary = "Pod")]
#[secondary(Deployment, predicate = changed(|d| Some(vec![Part(d.metadata.generation)])))]
struct Audit;

struct Part<T>(#[allow(dead_code)] T);

fn main() {}
