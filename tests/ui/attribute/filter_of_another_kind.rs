//! The function of a filter takes the primary.

use k8s_openapi::api::core::v1::{ConfigMap, Pod};

fn is_ours(map: &ConfigMap) -> bool {
    map.data.is_some()
}

#[derive(steersman::Operator)]
#[operator(primary = "Pod", filter = is_ours)]
struct Audit;

fn main() {}
