//! Words of the other attribute, and a predicate that stands alone.

use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::Pod;
use steersman::Operator;

#[derive(Operator)]
#[operator(primary = "Pod")]
#[secondary(Deployment, resync = "30m", finalizer = "a.b/c", generation_changed, GenerationChangedPredicate)]
struct Audit;

fn main() {}
