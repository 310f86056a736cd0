//! Fields that the API server can select the kinds by, and those of kinds of which that is not known.

use k8s_openapi::api::certificates::v1::CertificateSigningRequest;
use k8s_openapi::api::core::v1::{Event, Node, Pod, Secret, Service};
use k8s_openapi::api::events::v1::Event as NewEvent;
use kube::CustomResource;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

type Pods = Pod;

#[derive(steersman::Operator)]
#[operator(primary = "Node")]
#[secondary(Pods, reference = |node| &node.metadata.name, fields = r"status.phase!=a\,b,status.phase!=c,spec.hostNetwork=true")]
#[secondary(Secret, label = "demo.steersman.dev/node", fields = "type = kubernetes.io/tls", metadata)]
#[secondary(Service, label = "demo.steersman.dev/node", fields = "spec.type=LoadBalancer, metadata.namespace!=kube-system")]
#[secondary(Event, map = |_| Vec::new(), fields = "involvedObject.kind=Node,source=kubelet")]
#[secondary(NewEvent, name = new_events, map = |_| Vec::new(), fields = "regarding.kind=Node")]
#[secondary(CertificateSigningRequest, read_only, fields = "spec.signerName=kubernetes.io/kubelet-serving")]
#[secondary(Lamp, label = "demo.steersman.dev/node", fields = "spec.color=red")]
#[secondary(k8s_openapi::api::apps::v1::Deployment, label = "demo.steersman.dev/node", fields = "metadata.name==web")]
#[allow(dead_code)]
struct Audit;

#[derive(CustomResource, Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[kube(group = "demo.steersman.dev", version = "v1", kind = "Lamp", namespaced, selectable = ".spec.color")]
struct LampSpec {
    color: String,
}

fn main() {}
