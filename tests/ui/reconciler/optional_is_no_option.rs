//! What is optional is served or not, before it is there or not.

use k8s_openapi::api::core::v1::{ConfigMap, Pod, Secret};
use steersman::Operator;

#[derive(Operator)]
#[operator(primary = "Pod")]
#[secondary(ConfigMap, one, optional, read_only)]
#[secondary(Secret, optional, read_only)]
struct Audit;

fn is_complete(seen: &AuditSnapshot) -> bool {
    seen.config_map.is_some() && !seen.secrets.is_empty()
}

fn main() {}
