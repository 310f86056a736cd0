//! As other frameworks join predicates.

use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::{Pod, Secret, Service};
use steersman::Operator;

#[derive(Operator)]
#[operator(primary = "Pod")]
#[secondary(Deployment, read_only, predicate = spec_changed || status_changed)]
#[secondary(Service, read_only, predicate = predicates::generation.combine(predicates::labels))]
#[secondary(Secret, read_only, predicate = predicates::labels)]
struct Audit;

fn main() {}
