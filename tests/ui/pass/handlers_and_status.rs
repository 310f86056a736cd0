//! Each of these handlers is called for what it reads.

#![deny(warnings)]

use k8s_openapi::api::apps::v1::{Deployment, StatefulSet};
use k8s_openapi::api::core::v1::Pod;
use k8s_openapi::api::networking::v1::NetworkPolicy;
use steersman::Operator;

#[derive(Operator)]
#[operator(primary = "Pod", exported)]
#[secondary(Deployment, handler, predicate = generation_changed, ignore_status)]
#[secondary(StatefulSet, handler, predicate = any(generation_changed, changed(steersman::ready::stateful_set)))]
#[secondary(NetworkPolicy, handler, predicate = generation_changed)]
pub struct Audit;

fn main() {}
