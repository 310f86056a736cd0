//! It answers a question that nobody asked.

use k8s_openapi::api::apps::v1::{Deployment, StatefulSet};
use k8s_openapi::api::core::v1::{ConfigMap, Pod};
use k8s_openapi::api::networking::v1::NetworkPolicy;
use steersman::Operator;

#[derive(Operator)]
#[operator(primary = "Pod")]
#[secondary(Deployment, predicate = generation_changed, ignore_status)]
#[secondary(StatefulSet, handler, predicate = any(spec_changed, status_changed), ignore_status)]
#[secondary(ConfigMap, handler, ignore_status)]
#[secondary(NetworkPolicy, handler, predicate = spec_changed, ignore_status)]
struct Audit;

fn main() {}
