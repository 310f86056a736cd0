//! An operator with every relation, and the types of what it sees and may write.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use k8s_openapi::api::apps::v1::{Deployment, ReplicaSet, StatefulSet};
use k8s_openapi::api::batch::v1::{CronJob, Job};
use k8s_openapi::api::core::v1::{
    ConfigMap, Endpoints, Event, LocalObjectReference, Node, PersistentVolumeClaim, Pod, Secret, SecretKeySelector,
    Service,
};
use kube::core::PartialObjectMeta;
use kube::{CustomResource, ResourceExt};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use steersman::{
    Action, Handle, ObjectRef, Operator, Optional, ReadHandle, Refer, References, Secondaries, WriteError,
};

/// A database.
#[derive(CustomResource, Operator, Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[kube(group = "demo.steersman.dev", version = "v1", kind = "Database", namespaced, status = "DatabaseStatus")]
#[operator(selector = "tier notin (test, canary), !paused", predicate = any(spec_changed, status_changed))]
// Chains, the children first.
#[secondary(Pod, through = ReplicaSet, owned = any, metadata, predicate = changed(|pod| pod.metadata.name.clone()))]
#[secondary(ReplicaSet, through = deployments, predicate = owner_references_changed, debounce = refs::patience)]
#[secondary(Deployment, owned = any)]
#[secondary(CronJob, one, owned)]
#[secondary(Job, through = CronJob, write)]
#[secondary(PersistentVolumeClaim, label = "demo.steersman.dev/database", write, force = true)]
#[secondary(Service, annotation = "demo.steersman.dev/database", predicate = any(labels_changed, annotations_changed))]
#[secondary(
    Node,
    annotation = "demo.steersman.dev/database",
    cross_namespace,
    metadata,
    predicate = labels_changed,
    debounce = |node| Duration::from_secs(node.metadata.labels.iter().flatten().count() as u64)
)]
// One kind, many times.
#[secondary(Secret, one, name = tls, reference = spec.tls.secret_name, predicate = data_changed)]
#[secondary(Secret, name = credentials, reference = spec.credentials, predicate = resource_version_changed)]
#[secondary(Secret, name = keys, reference = |spec| &spec.keys, handler)]
#[secondary(Secret, name = users, reference = |spec| spec.users.values().map(|user| &user.secret), write)]
#[secondary(Secret, name = backups, reference = crate::relations::refs::backups, cross_namespace)]
#[secondary(Secret, one, name = generated, selector = "kind == internal")]
#[secondary(Secret, name = tokens, fields = "type=kubernetes.io/service-account-token")]
#[secondary(Secret, name = names_of_secrets, metadata, read_only, one)]
#[secondary(ConfigMap, map = refs::database, selector = "demo.steersman.dev/database, size in (1, 2)")]
#[secondary(Event, map = |event| event.involved_object.name.as_deref().map(ObjectRef::new), unbounded)]
#[secondary(Endpoints, map = |endpoints| vec![ObjectRef::new(endpoints.name_any()).within("shop")], metadata)]
// A kind that may be missing, of another operator, and a child of one.
#[secondary(crate::flagship::WebApp, one, optional, predicate = status_changed)]
#[secondary(StatefulSet, through = web_app, optional, predicate = finalizers_changed)]
pub struct DatabaseSpec {
    /// A plain field within another.
    pub tls: Tls,
    /// A type that names objects by itself.
    pub credentials: Vec<Credentials>,
    /// What Kubernetes calls a reference.
    pub keys: Option<Vec<SecretKeySelector>>,
    /// For an iterator that borrows.
    pub users: BTreeMap<String, User>,
}

/// How it is served.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
pub struct Tls {
    /// The name of a Secret.
    pub secret_name: Option<String>,
}

/// Who may use it.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
pub struct User {
    /// His password.
    pub secret: LocalObjectReference,
}

/// Of another system.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
pub struct Credentials {
    store: String,
}

impl Refer for Credentials {
    fn refer(&self, to: &mut References) {
        to.add(&self.store);
    }
}

/// The status of a database.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
pub struct DatabaseStatus {
    ready: bool,
}

mod refs {
    use super::{ConfigMap, Database, DatabaseSpec, Duration, ObjectRef, ReplicaSet};

    /// Not a list, but an iterator that borrows.
    pub(super) fn backups(spec: &DatabaseSpec) -> impl Iterator<Item = &str> + Clone {
        spec.users.keys().map(String::as_str).filter(|name| name.len() > 3)
    }

    pub(super) fn database(map: &ConfigMap) -> Option<ObjectRef<Database>> {
        Some(ObjectRef::new(map.metadata.labels.as_ref()?.get("demo.steersman.dev/database")?))
    }

    pub(super) fn patience(set: &ReplicaSet) -> Duration {
        Duration::from_secs(if set.status.is_some() { 1 } else { 5 })
    }
}

/// For a kind from elsewhere, functions take the whole object.
#[derive(Operator, Debug)]
#[operator(primary = "Pod")]
#[secondary(ConfigMap, reference = |pod: &Pod| {
    let volumes = pod.spec.iter().flat_map(|spec| &spec.volumes).flatten();
    volumes.filter_map(|volume| volume.config_map.clone())
})]
#[secondary(Secret, reference = pull_secrets, one)]
struct Mounts;

fn pull_secrets(pod: &Pod) -> Option<&Vec<LocalObjectReference>> {
    pod.spec.as_ref()?.image_pull_secrets.as_ref()
}

/// Without a spec as well.
#[derive(CustomResource, Operator, Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[kube(group = "demo.steersman.dev", version = "v1", kind = "Binding", namespaced, no_spec)]
#[operator(predicate = any(generation_changed, finalizers_changed))]
#[secondary(Secret, reference = |binding| &binding.spec.secret)]
#[secondary(ConfigMap, reference = spec.config)]
struct BindingData {
    secret: String,
    config: String,
}

/// The reconciler.
#[derive(Debug)]
pub struct Controller;

impl DatabaseReconciler for Controller {
    type Error = WriteError;

    async fn reconcile(
        &self,
        _: Arc<Database>,
        seen: DatabaseSnapshot,
        cx: DatabaseContext,
    ) -> Result<Action, WriteError> {
        let DatabaseSnapshot { pods, replica_sets, deployments, cron_job, jobs, tls, names_of_secrets, .. } = seen;
        let _: Secondaries<PartialObjectMeta<Pod>> = pods;
        let _: Secondaries<ReplicaSet> = replica_sets;
        let _: Secondaries<Deployment> = deployments;
        let _: Option<Arc<CronJob>> = cron_job;
        let _: Secondaries<Job> = jobs;
        let _: Option<Arc<Secret>> = tls;
        let _: Option<Arc<PartialObjectMeta<Secret>>> = names_of_secrets;
        let _: Optional<Option<Arc<crate::flagship::WebApp>>> = seen.web_app;
        let _: Optional<Secondaries<StatefulSet>> = seen.stateful_sets;

        let _: ReadHandle<PartialObjectMeta<Pod>> = cx.pods();
        let _: ReadHandle<ReplicaSet> = cx.replica_sets();
        let _: Handle<Deployment> = cx.deployments();
        let _: Handle<CronJob> = cx.cron_job();
        let _: Handle<Job> = cx.jobs();
        let _: Handle<PersistentVolumeClaim> = cx.persistent_volume_claims();
        let _: ReadHandle<Service> = cx.services();
        let _: ReadHandle<PartialObjectMeta<Node>> = cx.nodes();
        let _: [ReadHandle<Secret>; 4] = [cx.tls(), cx.credentials(), cx.keys(), cx.backups()];
        let _: [Handle<Secret>; 3] = [cx.users(), cx.generated(), cx.tokens()];
        let _: ReadHandle<PartialObjectMeta<Secret>> = cx.names_of_secrets();
        let _: ReadHandle<ConfigMap> = cx.config_maps();
        let _: ReadHandle<Event> = cx.events();
        let _: ReadHandle<PartialObjectMeta<Endpoints>> = cx.endpoints();
        let _: Handle<crate::flagship::WebApp> = cx.web_app();
        let _: ReadHandle<StatefulSet> = cx.stateful_sets();
        let _: Vec<Arc<Database>> = cx.primaries();
        Ok(Action::await_change())
    }

    async fn reconcile_keys(
        &self,
        _: Arc<Database>,
        _: DatabaseSnapshot,
        _: DatabaseContext,
    ) -> Result<steersman::Handled, WriteError> {
        Ok(steersman::Handled::Done)
    }
}

impl MountsReconciler for Controller {
    type Error = Infallible;

    async fn reconcile(&self, _: Arc<Pod>, _: MountsSnapshot, cx: MountsContext) -> Result<Action, Infallible> {
        let _: ReadHandle<ConfigMap> = cx.config_maps();
        Ok(Action::await_change())
    }
}

impl BindingReconciler for Controller {
    type Error = Infallible;

    async fn reconcile(&self, _: Arc<Binding>, _: BindingSnapshot, _: BindingContext) -> Result<Action, Infallible> {
        Ok(Action::await_change())
    }
}

#[test]
fn every_relation_is_declared() {
    let declaration = crate::declaration(Database::operator(Controller));
    assert_eq!(declaration.matches("Secondary {").count(), 21, "{declaration}");
    let text: String = declaration.split_whitespace().collect();
    assert!(text.contains("projection:any(spec_changed,status_changed,)"), "{text}");
    assert_eq!(text.matches("debounce:Some(byafunction,)").count(), 2, "{text}");
    assert!(text.contains(r#"DoesNotExist("paused",)"#), "{text}");
    assert!(crate::declaration(Mounts::operator(Controller)).contains("reference = pull_secrets"));
    assert!(crate::declaration(Binding::operator(Controller)).contains("&binding.spec.secret"));
}
