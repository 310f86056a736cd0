//! What is not owned is read only anyway, and so is what is metadata.

use k8s_openapi::api::core::v1::{ConfigMap, Pod, Secret};
use steersman::Operator;

#[derive(Operator)]
#[operator(primary = "Pod")]
#[secondary(ConfigMap, label = "demo.steersman.dev/pod", read_only)]
#[secondary(Secret, metadata, annotation = "demo.steersman.dev/pod", read_only)]
struct Audit;

fn main() {}
