//! Each of them is said, where it stands.

use k8s_openapi::api::core::v1::{Node, Pod};

#[derive(steersman::Operator)]
#[operator(primary = "Node")]
#[secondary(Pod, reference = |node| &node.metadata.name, fields = "nodeName=n1,status.qosClass=Guaranteed")]
#[secondary(Node, name = others, label = "demo.steersman.dev/node", fields = "spec.unscheduleable=true")]
struct Audit;

fn main() {}
