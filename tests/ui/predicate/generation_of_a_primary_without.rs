//! It would hide every change.

use k8s_openapi::api::core::v1::ConfigMap;

#[derive(steersman::Operator)]
#[operator(primary = "ConfigMap", predicate = generation_changed)]

struct Audit;

fn main() {}
