//! What `changed(..)` takes.

use std::convert::Infallible;
use std::sync::Arc;

use k8s_openapi::api::apps::v1::{DaemonSet, Deployment, ReplicaSet, StatefulSet};
use k8s_openapi::api::core::v1::{ConfigMap, Pod, Secret};
use kube::CustomResource;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use steersman::{Action, HasGeneration, Operator};

mod pods {
    use k8s_openapi::api::core::v1::Pod;

    pub(super) fn name(pod: &Pod) -> Option<&str> {
        pod.metadata.name.as_deref()
    }

    pub(super) fn label<K: kube::Resource>(object: &K) -> Option<String> {
        object.meta().labels.as_ref()?.get("app").cloned()
    }
}

/// A marker that says something about a kind of another crate.
pub(crate) struct Known;

impl HasGeneration<Known> for Secret {}

/// A specification.
#[derive(CustomResource, Operator, Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[kube(group = "demo.steersman.dev", version = "v1", kind = "Watcher", namespaced)]
#[operator(predicate = any(spec_changed, changed(|watcher| &watcher.metadata.labels)))]
// A path, and one that returns a reference into the object.
#[secondary(Pod, read_only, predicate = any(changed(pods::name), any(changed(pods::label), generation_changed)))]
// A generic function with its argument.
#[secondary(Deployment, read_only, predicate = changed(pods::label::<Deployment>))]
// A closure without types that returns a reference.
#[secondary(ConfigMap, read_only, predicate = changed(|map| &map.data))]
// A closure with types and statements, over several lines.
#[secondary(
    DaemonSet,
    read_only,
    name = agents,
    predicate = changed(|set: &DaemonSet| {
        let status = set.status.as_ref()?;
        Some((status.number_ready, status.desired_number_scheduled))
    }),
)]
// A part of the object that has no `Hash`, but can be serialized.
#[secondary(ReplicaSet, read_only, predicate = changed(|set| &set.spec.template))]
// A projection of ours.
#[secondary(StatefulSet, read_only, predicate = changed(steersman::ready::stateful_set))]
// By the fact that is declared above.
#[secondary(Secret, read_only, predicate = generation_changed)]
pub(crate) struct WatcherSpec {}

struct Controller;

impl WatcherReconciler for Controller {
    type Error = Infallible;

    async fn reconcile(&self, _: Arc<Watcher>, _: WatcherSnapshot, _: WatcherContext) -> Result<Action, Infallible> {
        Ok(Action::await_change())
    }
}

#[test]
fn predicates_become_projections() {
    let declaration = super::declaration(Watcher::operator(Controller));
    let text: String = declaration.split_whitespace().collect();
    assert!(text.contains("any(changed(..),changed(..),generation_changed,)"), "{text}");
    assert!(text.contains("any(spec_changed,changed(..),)"), "{text}");
    assert!(!text.contains("finalizer:Some"), "{text}");
    assert!(text.contains("resync:Some(1800s"), "{text}");
}
