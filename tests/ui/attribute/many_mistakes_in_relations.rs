//! The same with relations: every mistake once, although the names that the attributes use are used nowhere else.
#![deny(unused)]

use std::sync::Arc;

use k8s_openapi::api::apps::v1::{Deployment, ReplicaSet};
use k8s_openapi::api::core::v1::{ConfigMap, Event, Pod, Secret};
use kube::CustomResource;
use kube::core::PartialObjectMeta;
use refs::{named, owner, secrets};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use steersman::{Action, Handle, Operator, Optional, ReadHandle, Secondaries};

mod refs {
    pub(crate) fn secrets(spec: &super::DatabaseSpec) -> Option<&str> {
        spec.secret.as_deref()
    }

    pub(crate) fn owner<K: kube::Resource>(object: &K) -> Option<steersman::ObjectRef<super::Database>> {
        Some(steersman::ObjectRef::new(object.meta().name.clone()?))
    }

    pub(crate) fn named<K: kube::Resource>(object: &K) -> Option<&str> {
        object.meta().name.as_deref()
    }
}

#[derive(CustomResource, Operator, Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[kube(group = "demo.steersman.dev", version = "v1", kind = "Database", namespaced)]
#[operator(selector = "app in web", predicate = any(status_changed, spec_change))]
#[secondary(Deployment, one, write, cross_namespace, selector = "a b")]
#[secondary(ReplicaSet, through = Deploymnt, optional, force = true)]
#[secondary(Pod, through = ReplicaSet, metadata, predicate = any(spec_changed, changed(named)), fields = "phase")]
#[secondary(Secret, reference = secrets, label = "app.kubernetes.io/instance/x", name = type)]
#[secondary(ConfigMap, map = owner, name = primaries)]
#[secondary(Event, labels = "app", unbounded)]
struct DatabaseSpec {
    secret: Option<String>,
}

struct Controller;

impl DatabaseReconciler for Controller {
    type Error = steersman::WriteError;

    async fn reconcile(
        &self,
        _: Arc<Database>,
        seen: DatabaseSnapshot,
        cx: DatabaseContext,
    ) -> Result<Action, Self::Error> {
        let _: Option<Arc<Deployment>> = seen.deployment;
        let _: Optional<Secondaries<ReplicaSet>> = seen.replica_sets;
        let _: Secondaries<PartialObjectMeta<Pod>> = seen.pods;
        let _: Handle<Deployment> = cx.deployment();
        let _: ReadHandle<PartialObjectMeta<Pod>> = cx.pods();
        Ok(Action::await_change())
    }
}

fn main() {}
