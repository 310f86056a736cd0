//! A kind to which objects are related in every way there is.

use k8s_openapi::api::apps::v1::{Deployment, ReplicaSet};
use k8s_openapi::api::core::v1::{ConfigMap, Namespace, Pod, Secret};
use kube::CustomResource;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use steersman::{ObjectRef, Operator};

use crate::by::by_closures;
use crate::kinds::{Comet, Realm, Shelf};

/// The label, and the annotation, that name a fleet.
pub const FLEET: &str = "test.steersman.dev/fleet";

/// Ships, which belong to it in many ways.
#[derive(CustomResource, Operator, Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[kube(group = "test.steersman.dev", version = "v1", kind = "Fleet", namespaced, status = "FleetStatus")]
#[operator(predicate = changed(|fleet| fleet.spec.note.clone()), exported)]
#[secondary(Secret, one, name = tls, reference = spec.secret)]
#[secondary(Secret, name = more, reference = |spec| spec.others.iter())]
#[secondary(ConfigMap)]
#[serde(default)]
pub struct FleetSpec {
    /// A Secret that somebody else keeps.
    pub secret: Option<String>,
    /// More of them.
    pub others: Vec<String>,
    /// Something that may be changed.
    pub note: String,
    /// How many Pods it wants.
    pub replicas: i32,
}

/// What the operator found.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(default)]
pub struct FleetStatus {
    /// As text.
    pub seen: String,
}

/// By a label, and written.
#[derive(Operator, Debug)]
#[operator(primary = Fleet)]
#[secondary(ConfigMap, label = "test.steersman.dev/fleet", write, force = true)]
pub struct Labelled;

/// By an annotation of the same namespace.
#[derive(Operator, Debug)]
#[operator(primary = Fleet)]
#[secondary(ConfigMap, annotation = "test.steersman.dev/fleet")]
pub struct Annotated;

/// By an annotation of any namespace, and written.
#[derive(Operator, Debug)]
#[operator(primary = Fleet)]
#[secondary(ConfigMap, annotation = "test.steersman.dev/fleet", cross_namespace, write)]
pub struct Crossing;

/// By a reference, and written.
#[derive(Operator, Debug)]
#[operator(primary = Fleet)]
#[secondary(Secret, one, reference = |fleet| &fleet.spec.secret, write)]
pub struct Keeper;

/// By any owner reference.
#[derive(Operator, Debug)]
#[operator(primary = Fleet, exported)]
#[secondary(ConfigMap, owned = any)]
pub struct Shared;

/// By a function of the object, and written.
#[derive(Operator, Debug)]
#[operator(primary = Fleet)]
#[secondary(ConfigMap, map = fleet_of, selector = "test.steersman.dev/mapped", write)]
pub struct Mapped;

/// The fleet that a ConfigMap names in its data; it panics on one that says so.
pub fn fleet_of(map: &ConfigMap) -> Option<ObjectRef<Fleet>> {
    let name = map.data.as_ref()?.get("fleet")?;
    assert!(name != "panic", "as it was told");
    Some(ObjectRef::new(name))
}

/// Owned, and selected.
#[derive(Operator, Debug)]
#[operator(primary = Fleet, exported)]
#[secondary(ConfigMap, selector = "tier in (web, db), !hidden")]
pub struct Selected;

/// Owned, and selected by fields.
#[derive(Operator, Debug)]
#[operator(primary = Fleet, exported)]
#[secondary(ConfigMap, fields = "metadata.name!=hidden")]
pub struct Narrowed;

/// Realms, with the namespaces that they name and what names them anywhere.
#[derive(Operator, Debug)]
#[operator(primary = Realm)]
#[secondary(Namespace, reference = |realm| &realm.spec.namespaces, predicate = labels_changed)]
#[secondary(ConfigMap, label = "test.steersman.dev/fleet", write)]
pub struct Domain;

/// Those fleets that are selected.
#[derive(Operator, Debug)]
#[operator(primary = Fleet, selector = "watched=yes", exported)]
#[secondary(ConfigMap)]
pub struct Chosen;

/// Those fleets that say so in their spec.
#[derive(Operator, Debug)]
#[operator(primary = Fleet, filter = |fleet| fleet.spec.note == "mine", exported)]
#[secondary(ConfigMap)]
pub struct Taken;

/// The same Secrets owned, referred to and labelled.
#[derive(Operator, Debug)]
#[operator(primary = Fleet, exported)]
#[secondary(Secret, name = own)]
#[secondary(Secret, one, name = tls, reference = |fleet| &fleet.spec.secret)]
#[secondary(Secret, name = marked, label = "test.steersman.dev/fleet", metadata)]
pub struct Threefold;

/// Down to the Pods, declared from below.
#[derive(Operator, Debug)]
#[operator(primary = Fleet, exported)]
#[secondary(Pod, through = ReplicaSet, predicate = changed(is_ready))]
#[secondary(ReplicaSet, through = Deployment, metadata, predicate = owner_references_changed)]
#[secondary(Deployment, one, predicate = spec_changed)]
pub struct Deep;

/// Shelves with comets, whose definition may be missing.
#[derive(Operator, Debug)]
#[operator(primary = Shelf, exported)]
#[secondary(Comet, optional)]
pub struct Hopeful;

/// Whether a Pod is ready.
pub fn is_ready(pod: &Pod) -> bool {
    let conditions = pod.status.as_ref().and_then(|status| status.conditions.as_ref());
    conditions.into_iter().flatten().any(|condition| condition.type_ == "Ready" && condition.status == "True")
}

by_closures! {
    Fleet, Fleet, FleetSnapshot, FleetContext, FleetReconciler, FleetOperator;
    Labelled, Fleet, LabelledSnapshot, LabelledContext, LabelledReconciler, LabelledOperator;
    Annotated, Fleet, AnnotatedSnapshot, AnnotatedContext, AnnotatedReconciler, AnnotatedOperator;
    Crossing, Fleet, CrossingSnapshot, CrossingContext, CrossingReconciler, CrossingOperator;
    Keeper, Fleet, KeeperSnapshot, KeeperContext, KeeperReconciler, KeeperOperator;
    Shared, Fleet, SharedSnapshot, SharedContext, SharedReconciler, SharedOperator;
    Mapped, Fleet, MappedSnapshot, MappedContext, MappedReconciler, MappedOperator;
    Selected, Fleet, SelectedSnapshot, SelectedContext, SelectedReconciler, SelectedOperator;
    Narrowed, Fleet, NarrowedSnapshot, NarrowedContext, NarrowedReconciler, NarrowedOperator;
    Domain, Realm, DomainSnapshot, DomainContext, DomainReconciler, DomainOperator;
    Chosen, Fleet, ChosenSnapshot, ChosenContext, ChosenReconciler, ChosenOperator;
    Taken, Fleet, TakenSnapshot, TakenContext, TakenReconciler, TakenOperator;
    Threefold, Fleet, ThreefoldSnapshot, ThreefoldContext, ThreefoldReconciler, ThreefoldOperator;
    Hopeful, Shelf, HopefulSnapshot, HopefulContext, HopefulReconciler, HopefulOperator;
    Deep, Fleet, DeepSnapshot, DeepContext, DeepReconciler, DeepOperator;
}

impl Fleet {
    /// A fleet that refers to this Secret.
    pub fn with_secret(name: &str, secret: &str) -> Self {
        Self::new(name, FleetSpec { secret: Some(secret.to_owned()), ..FleetSpec::default() })
    }
}
