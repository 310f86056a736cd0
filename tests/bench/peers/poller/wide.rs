//! The wide form: it also lists the ReplicaSets and Pods of the Deployment. Not counted as user code of the narrow one.

use examples::plain::api::WebApp;
use k8s_openapi::api::apps::v1::{Deployment, ReplicaSet};
use k8s_openapi::api::core::v1::Pod;
use kube::{Client, ResourceExt};

use crate::controller::list;
use crate::relevant::owner;

/// How many Pods of a Deployment are ready and stay.
pub(crate) async fn ready_pods(app: &WebApp, client: &Client, deployment: &Deployment) -> Result<i32, kube::Error> {
    let mut sets = list::<ReplicaSet>(app, client).await?;
    sets.retain(|set| owner(set, "Deployment") == deployment.metadata.uid.as_deref());
    let sets: Vec<String> = sets.iter().filter_map(ResourceExt::uid).collect();
    let pods = list::<Pod>(app, client).await?;
    let is_counted =
        |pod: &&Pod| is_ready(pod) && owner(*pod, "ReplicaSet").is_some_and(|set| sets.iter().any(|uid| uid == set));
    Ok(pods.iter().filter(is_counted).count().try_into().unwrap_or(i32::MAX))
}

fn is_ready(pod: &Pod) -> bool {
    let mut conditions = pod.status.iter().flat_map(|status| status.conditions.iter().flatten());
    let ready = conditions.any(|condition| condition.type_ == "Ready" && condition.status == "True");
    ready && pod.metadata.deletion_timestamp.is_none()
}
