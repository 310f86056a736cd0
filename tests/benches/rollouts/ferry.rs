//! What runs in a Deployment, and what its status says of the Deployment and of its Pods: the work of both sides.

use std::collections::BTreeMap;
use std::ops::Deref;

use k8s_openapi::api::apps::v1::{Deployment, DeploymentSpec};
use k8s_openapi::api::core::v1::{Container, Pod, PodSpec, PodTemplateSpec};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::LabelSelector;
use kube::core::ObjectMeta;
use kube::{CustomResource, ResourceExt};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use steersman::ready::{self, Readiness};

use crate::objects::LABEL;

/// So many Pods of an image.
#[derive(CustomResource, Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[kube(group = "bench.steersman.dev", version = "v1", kind = "Ferry", namespaced, status = "FerryStatus")]
#[kube(plural = "ferries")]
pub(crate) struct FerrySpec {
    pub(crate) image: String,
    pub(crate) replicas: i32,
}

/// What was seen.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct FerryStatus {
    /// Whether the Deployment is.
    pub(crate) rolled_out: bool,
    /// The names of the Pods that are ready, in order.
    pub(crate) pods: Vec<String>,
}

pub(super) fn status(
    deployment: Option<&Deployment>,
    pods: impl IntoIterator<Item = impl Deref<Target = Pod>>,
) -> FerryStatus {
    let ready = pods.into_iter().filter(|pod| ready::pod(pod) == Readiness::Ready);
    let mut pods: Vec<String> = ready.map(|pod| pod.name_any()).collect();
    pods.sort();
    FerryStatus { rolled_out: deployment.is_some_and(|found| ready::deployment(found) == Readiness::Ready), pods }
}

pub(super) fn deployment(ferry: &Ferry) -> Deployment {
    let labels = BTreeMap::from([(LABEL.to_owned(), ferry.name_any())]);
    let container = Container { name: "app".to_owned(), image: Some(ferry.spec.image.clone()), ..Container::default() };
    Deployment {
        metadata: ObjectMeta { name: Some(ferry.name_any()), labels: Some(labels.clone()), ..ObjectMeta::default() },
        spec: DeploymentSpec {
            replicas: Some(ferry.spec.replicas),
            selector: LabelSelector { match_labels: Some(labels.clone()), ..LabelSelector::default() },
            template: PodTemplateSpec {
                metadata: Some(ObjectMeta { labels: Some(labels), ..ObjectMeta::default() }),
                spec: Some(PodSpec { containers: vec![container], ..PodSpec::default() }),
            },
            ..DeploymentSpec::default()
        },
        ..Deployment::default()
    }
}

/// Whether a Deployment is what [`deployment`] asks for.
pub(super) fn is_met(ferry: &Ferry, found: &Deployment) -> bool {
    let images = |found: &Deployment| {
        let containers = found.spec.template.spec.iter().flat_map(|spec| &spec.containers);
        containers.map(|container| container.image.clone()).collect::<Vec<_>>()
    };
    found.spec.replicas == Some(ferry.spec.replicas) && images(found) == [Some(ferry.spec.image.clone())]
}
