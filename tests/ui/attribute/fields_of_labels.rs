//! No API server selects by these.

use k8s_openapi::api::core::v1::{ConfigMap, Pod, Secret};
use steersman::Operator;

#[derive(Operator)]
#[operator(primary = "Pod")]
#[secondary(ConfigMap, read_only, fields = "metadata.labels.app=web")]
#[secondary(Secret, read_only, fields = "metadata.generation=1")]
struct Audit;

fn main() {}
