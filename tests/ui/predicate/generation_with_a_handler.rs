//! The handler is never called for what it most likely reads.

use k8s_openapi::api::apps::v1::{Deployment, StatefulSet};
use k8s_openapi::api::core::v1::Pod;
use steersman::Operator;

type Alias = StatefulSet;

#[derive(Operator)]
#[operator(primary = "Pod")]
#[secondary(Deployment, handler, predicate = generation_changed)]
#[secondary(Alias, handler, predicate = any(spec_changed, generation_changed))]
struct Audit;

fn main() {}
