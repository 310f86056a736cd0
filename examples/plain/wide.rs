//! The wide form, for `cargo bench-peers` alone: it also follows the ReplicaSets and Pods of the Deployment.

use k8s_openapi::api::apps::v1::{Deployment, ReplicaSet};
use k8s_openapi::api::core::v1::Pod;
use kube::api::ListParams;
use kube::runtime::controller::Controller;
use kube::runtime::reflector::ObjectRef;
use kube::runtime::watcher::Config;
use kube::{Api, Client, Resource, ResourceExt};

use super::api::WebApp;
use super::desired;

/// The label that ReplicaSets and Pods have from the template of the Deployment says whose they are.
fn app_of(object: &impl Resource) -> Option<ObjectRef<WebApp>> {
    let name = object.labels().get(desired::INSTANCE)?;
    Some(ObjectRef::new(name).within(&object.namespace()?))
}

/// Watches both kinds.
pub(super) fn watch(controller: Controller<WebApp>, client: &Client) -> Controller<WebApp> {
    controller.watches(Api::all(client.clone()), Config::default(), |set: ReplicaSet| app_of(&set)).watches(
        Api::all(client.clone()),
        Config::default(),
        |pod: Pod| app_of(&pod),
    )
}

/// How many Pods of a Deployment are ready and stay.
pub(super) async fn ready_pods(client: &Client, app: &WebApp, deployment: &Deployment) -> Result<i32, kube::Error> {
    let namespace = app.namespace().unwrap_or_default();
    let labelled = ListParams::default().labels(&format!("{}={}", desired::INSTANCE, app.name_any()));
    let sets = Api::<ReplicaSet>::namespaced(client.clone(), &namespace).list_metadata(&labelled).await?;
    let mut sets = sets.iter().filter(|set| is_controlled(*set, deployment.uid()));
    let sets: Vec<Option<String>> = sets.by_ref().map(ResourceExt::uid).collect();
    let pods = Api::<Pod>::namespaced(client.clone(), &namespace).list(&labelled).await?;
    let ready = |pod: &&Pod| is_ready(pod) && sets.iter().any(|set| is_controlled(*pod, set.clone()));
    Ok(pods.iter().filter(ready).count().try_into().unwrap_or(i32::MAX))
}

fn is_controlled(object: &impl Resource, owner: Option<String>) -> bool {
    let mut owners = object.owner_references().iter().filter(|owner| owner.controller == Some(true));
    owners.any(|controller| Some(&controller.uid) == owner.as_ref())
}

fn is_ready(pod: &Pod) -> bool {
    let mut conditions = pod.status.iter().flat_map(|status| status.conditions.iter().flatten());
    let ready = conditions.any(|condition| condition.type_ == "Ready" && condition.status == "True");
    ready && pod.metadata.deletion_timestamp.is_none()
}
