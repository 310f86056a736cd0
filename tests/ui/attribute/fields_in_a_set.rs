//! Sets are for labels.

use k8s_openapi::api::core::v1::{Pod, Node};
use steersman::Operator;

#[derive(Operator)]
#[operator(primary = "Pod")]
#[secondary(Node, annotation = "demo.steersman.dev/pod", cross_namespace, fields = "spec.unschedulable in (true)")]
struct Audit;

fn main() {}
