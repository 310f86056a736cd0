//! The wide form: it also follows the ReplicaSets and Pods of the Deployment. Not counted as user code of the narrow one.

use std::collections::HashSet;

use examples::plain::api::WebApp;
use examples::plain::bench;
use examples::plain::desired::INSTANCE;
use k8s_openapi::api::apps::v1::{Deployment, ReplicaSet};
use k8s_openapi::api::core::v1::{Pod, PodStatus};
use kube::core::PartialObjectMeta;
use kube::runtime::WatchStreamExt;
use kube::runtime::controller::Controller;
use kube::runtime::reflector::store::WriterDropped;
use kube::runtime::reflector::{ObjectRef, Store};
use kube::runtime::watcher::{Config, watcher};
use kube::{Api, Client, Resource, ResourceExt};

use crate::changes::{Filter, follow};
use crate::relevant::{digest, owner};

type Set = PartialObjectMeta<ReplicaSet>;

pub(crate) struct Wide {
    sets: Store<Set>,
    pods: Store<Pod>,
}

/// Watches both kinds, of ReplicaSets the metadata alone. Of a Pod, no more is kept than what says whether it is ready. Whose they are,
/// their label says to whom is woken, and their chain of owners to what is counted.
pub(crate) fn watch(controller: Controller<WebApp>, client: &Client) -> (Controller<WebApp>, Option<Wide>) {
    if !bench::is_wide() {
        return (controller, None);
    }
    let sets = watcher(Api::<Set>::all(client.clone()), Config::default().streaming_lists());
    let (sets, changed_sets) = follow(
        sets,
        Filter {
            is_ours: |set| owner(set, "Deployment").is_some() && app_of(set).is_some(),
            digest: |set| digest(owner(set, "Deployment")),
            tells_first_list: false,
        },
    );
    let pods = watcher(Api::<Pod>::all(client.clone()), Config::default().streaming_lists()).modify(|pod| {
        let conditions = pod.status.take().and_then(|status| status.conditions);
        (pod.spec, pod.status) = (Default::default(), Some(PodStatus { conditions, ..PodStatus::default() }));
    });
    let (pods, changed_pods) = follow(
        pods,
        Filter {
            is_ours: |pod| owner(pod, "ReplicaSet").is_some() && app_of(pod).is_some(),
            digest: |pod| digest((owner(pod, "ReplicaSet"), is_ready(pod))),
            tells_first_list: false,
        },
    );
    let controller =
        controller.watches_stream(changed_sets, |set| app_of(&set)).watches_stream(changed_pods, |pod| app_of(&pod));
    (controller, Some(Wide { sets, pods }))
}

impl Wide {
    pub(crate) async fn complete(&self) -> Result<(), WriterDropped> {
        self.sets.wait_until_ready().await?;
        self.pods.wait_until_ready().await
    }

    /// How many Pods of a Deployment are ready and stay.
    pub(crate) fn ready_pods(&self, deployment: &Deployment) -> i32 {
        let namespace = deployment.metadata.namespace.as_ref();
        let uid = deployment.metadata.uid.as_deref();
        let sets = self
            .sets
            .state_filter(|set| set.metadata.namespace.as_ref() == namespace && owner(set, "Deployment") == uid);
        let sets: HashSet<String> = sets.iter().filter_map(|set| set.uid()).collect();
        let is_counted = |pod: &Pod| {
            let is_near = pod.metadata.namespace.as_ref() == namespace;
            is_near && is_ready(pod) && owner(pod, "ReplicaSet").is_some_and(|set| sets.contains(set))
        };
        self.pods.state_filter(is_counted).len().try_into().unwrap_or(i32::MAX)
    }
}

/// The label that ReplicaSets and Pods have from the template of the Deployment.
fn app_of(object: &impl Resource) -> Option<ObjectRef<WebApp>> {
    let name = object.labels().get(INSTANCE)?;
    Some(ObjectRef::new(name).within(&object.namespace()?))
}

fn is_ready(pod: &Pod) -> bool {
    let mut conditions = pod.status.iter().flat_map(|status| status.conditions.iter().flatten());
    let ready = conditions.any(|condition| condition.type_ == "Ready" && condition.status == "True");
    ready && pod.metadata.deletion_timestamp.is_none()
}
