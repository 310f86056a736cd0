//! Small custom resources, and operators for them whose reconcilers are closures.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use k8s_openapi::api::apps::v1::{Deployment, StatefulSet};
use k8s_openapi::api::batch::v1::Job;
use k8s_openapi::api::core::v1::{ConfigMap, Pod, Secret, Service, ServiceAccount};
use k8s_openapi::api::rbac::v1::Role;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Condition;
use kube::core::ObjectMeta;
use kube::{CustomResource, ResourceExt};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use steersman::{Action, Cleanup, Handle, Handled, Operator, OperatorBuilder, WriteError};

use crate::by::by_closures;
pub use crate::by::{By, Reconciled};
use crate::{Gate, Journal, config_map};

/// A shelf of ConfigMaps.
#[derive(CustomResource, Operator, Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[kube(group = "test.steersman.dev", version = "v1", kind = "Shelf", plural = "shelves", namespaced)]
#[kube(status = "ShelfStatus")]
#[operator(exported)]
#[secondary(ConfigMap)]
#[serde(default)]
pub struct ShelfSpec {
    /// What each ConfigMap shall contain, by name.
    pub maps: BTreeMap<String, String>,
    /// Something that may be changed.
    pub note: String,
}

/// What the operator found.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(default)]
pub struct ShelfStatus {
    /// How many ConfigMaps there are.
    pub count: usize,
}

/// Shelves with a finalizer.
#[derive(Operator, Debug)]
#[operator(primary = Shelf, finalizer = "test.steersman.dev/guarded", exported)]
#[secondary(ConfigMap)]
pub struct Guarded;

/// Shelves whose operator has renamed its finalizer.
#[derive(Operator, Debug)]
#[operator(primary = Shelf, finalizer = "test.steersman.dev/renamed", exported)]
#[operator(former_finalizers = ["test.steersman.dev/guarded", "guarded"])]
#[secondary(ConfigMap)]
pub struct Renamed;

/// Shelves whose operator has dropped its finalizer.
#[derive(Operator, Debug)]
#[operator(primary = Shelf, former_finalizers = ["test.steersman.dev/guarded"], exported)]
#[secondary(ConfigMap)]
pub struct Dropped;

/// Shelves whose ConfigMaps have fields of others.
#[derive(Operator, Debug)]
#[operator(primary = Shelf, exported)]
#[secondary(ConfigMap, force = false)]
pub struct Yielding;

/// Shelves with split handlers.
#[derive(Operator, Debug)]
#[operator(primary = Shelf, exported)]
#[secondary(ConfigMap, handler)]
#[secondary(Secret, handler)]
#[secondary(ServiceAccount)]
pub struct Split;

/// Shelves that ought to have one ConfigMap.
#[derive(Operator, Debug)]
#[operator(primary = Shelf, exported)]
#[secondary(ConfigMap, one)]
pub struct Single;

/// Shelves with ConfigMaps and Secrets.
#[derive(Operator, Debug)]
#[operator(primary = Shelf, exported)]
#[secondary(ConfigMap)]
#[secondary(Secret)]
pub struct Mixed;

/// A Secret whose type takes numbers alone, and so none that there is.
#[derive(kube::Resource, Clone, Debug, Default, Deserialize, Serialize)]
#[resource(inherit = Secret)]
pub struct OddSecret {
    /// Its metadata.
    pub metadata: ObjectMeta,
    /// Numbers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data: Option<BTreeMap<String, u64>>,
}

/// Shelves with Secrets, in two types.
#[derive(Operator, Debug)]
#[operator(primary = Shelf, exported)]
#[secondary(Secret)]
#[secondary(OddSecret)]
pub struct Vault;

/// Shelves whose runs may take one second.
#[derive(Operator, Debug)]
#[operator(primary = Shelf, timeout = "1s", exported)]
#[secondary(ConfigMap)]
pub struct Hasty;

/// Shelves of books.
#[derive(Operator, Debug)]
#[operator(primary = Shelf, exported)]
#[secondary(Book)]
pub struct Library;

/// Roles: they may have names that nothing else may have.
#[derive(Operator, Debug)]
#[operator(primary = Role, exported)]
#[secondary(ConfigMap)]
pub struct Warden;
/// Shelves with what the controllers of Kubernetes work on.
#[derive(Operator, Debug)]
#[operator(primary = Shelf, exported)]
#[secondary(ConfigMap)]
#[secondary(Deployment, predicate = spec_changed)]
#[secondary(StatefulSet, predicate = spec_changed)]
#[secondary(Service)]
#[secondary(Job, predicate = spec_changed)]
#[secondary(Pod, predicate = spec_changed)]
#[secondary(Secret)]
pub struct Workshop;

/// Shelves each write to which wakes.
#[derive(Operator, Debug)]
#[operator(primary = Shelf, predicate = resource_version_changed, exported)]
#[secondary(ConfigMap)]
pub struct Restless;

/// Shelves of letters.
#[derive(Operator, Debug)]
#[operator(primary = Shelf, exported)]
#[secondary(Letter)]
pub struct Desk;

/// A resource with a schema that lets less through than the type.
#[derive(CustomResource, Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[kube(group = "test.steersman.dev", version = "v1", kind = "Letter", namespaced)]
#[serde(default)]
pub struct LetterSpec {
    /// Of any length.
    pub text: String,
    /// What the schema does not know.
    #[schemars(skip)]
    #[serde(skip_serializing_if = "String::is_empty")]
    pub postscript: String,
}

/// A resource with a schema that lets more through than the type.
#[derive(CustomResource, Operator, Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[kube(group = "test.steersman.dev", version = "v1", kind = "Book", namespaced, status = "ShelfStatus")]
#[operator(exported)]
#[secondary(ConfigMap)]
pub struct BookSpec {
    /// A number; the schema takes anything.
    #[schemars(schema_with = "anything")]
    pub pages: u32,
}

/// A resource that one test has for itself in all namespaces.
#[derive(CustomResource, Operator, Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[kube(group = "test.steersman.dev", version = "v1", kind = "Globe", namespaced)]
#[operator(exported)]
#[secondary(ConfigMap)]
#[serde(default)]
pub struct GlobeSpec {
    /// Something that may be changed.
    pub note: String,
}

/// A resource without a namespace.
#[derive(CustomResource, Operator, Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[kube(group = "test.steersman.dev", version = "v1", kind = "Realm")]
#[operator(exported)]
#[secondary(ConfigMap)]
#[serde(default)]
pub struct RealmSpec {
    /// The namespaces in which it wants a ConfigMap.
    pub namespaces: Vec<String>,
}

/// A resource with conditions, each of which belongs to whoever sets it.
#[derive(CustomResource, Operator, Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[kube(group = "test.steersman.dev", version = "v1", kind = "Beacon", namespaced, status = "BeaconStatus")]
#[operator(exported)]
#[secondary(ConfigMap)]
#[serde(default)]
pub struct BeaconSpec {
    /// Whether it is lit.
    pub lit: bool,
    /// Something that may be changed.
    pub note: String,
}

/// How it is with a beacon.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(default)]
pub struct BeaconStatus {
    /// Merged by `type`.
    #[schemars(extend("x-kubernetes-list-type" = "map", "x-kubernetes-list-map-keys" = ["type"]))]
    pub conditions: Vec<Condition>,
}

/// A resource whose definition does not say that it can be selected by its color.
#[derive(CustomResource, Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[kube(group = "test.steersman.dev", version = "v1", kind = "Lamp", namespaced)]
#[serde(default)]
pub struct LampSpec {
    /// In one word.
    pub color: String,
}

/// One that wants the red lamps of a shelf.
#[derive(Debug, Operator)]
#[operator(primary = Shelf, exported)]
#[secondary(Lamp, fields = "spec.color=red")]
pub struct Lighthouse;

/// A resource whose definition comes late, changes and goes.
#[derive(CustomResource, Operator, Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[kube(group = "test.steersman.dev", version = "v1", kind = "Comet", namespaced)]
#[operator(exported)]
#[secondary(ConfigMap)]
#[serde(default)]
pub struct CometSpec {
    /// Something that may be changed.
    pub note: String,
}

fn anything(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
    schemars::json_schema!({ "x-kubernetes-preserve-unknown-fields": true })
}

by_closures! {
    Shelf, Shelf, ShelfSnapshot, ShelfContext, ShelfReconciler, ShelfOperator;
    Single, Shelf, SingleSnapshot, SingleContext, SingleReconciler, SingleOperator;
    Mixed, Shelf, MixedSnapshot, MixedContext, MixedReconciler, MixedOperator;
    Vault, Shelf, VaultSnapshot, VaultContext, VaultReconciler, VaultOperator;
    Hasty, Shelf, HastySnapshot, HastyContext, HastyReconciler, HastyOperator;
    Dropped, Shelf, DroppedSnapshot, DroppedContext, DroppedReconciler, DroppedOperator;
    Yielding, Shelf, YieldingSnapshot, YieldingContext, YieldingReconciler, YieldingOperator;
    Workshop, Shelf, WorkshopSnapshot, WorkshopContext, WorkshopReconciler, WorkshopOperator;
    Restless, Shelf, RestlessSnapshot, RestlessContext, RestlessReconciler, RestlessOperator;
    Desk, Shelf, DeskSnapshot, DeskContext, DeskReconciler, DeskOperator;
    Library, Shelf, LibrarySnapshot, LibraryContext, LibraryReconciler, LibraryOperator;
    Warden, Role, WardenSnapshot, WardenContext, WardenReconciler, WardenOperator;
    Book, Book, BookSnapshot, BookContext, BookReconciler, BookOperator;
    Globe, Globe, GlobeSnapshot, GlobeContext, GlobeReconciler, GlobeOperator;
    Realm, Realm, RealmSnapshot, RealmContext, RealmReconciler, RealmOperator;
    Beacon, Beacon, BeaconSnapshot, BeaconContext, BeaconReconciler, BeaconOperator;
    Lighthouse, Shelf, LighthouseSnapshot, LighthouseContext, LighthouseReconciler, LighthouseOperator;
    Comet, Comet, CometSnapshot, CometContext, CometReconciler, CometOperator;
}

impl Shelf {
    /// A shelf with these ConfigMaps, each of which contains its own name.
    pub fn of(name: &str, maps: &[&str]) -> Self {
        let maps = maps.iter().map(|map| ((*map).to_owned(), (*map).to_owned())).collect();
        Self::new(name, ShelfSpec { maps, note: String::new() })
    }

    /// The operator that does what the spec says: nothing but its ConfigMaps.
    pub fn stocker(journal: &Journal) -> OperatorBuilder<impl Operator> {
        Self::by(journal, |shelf, _, cx| async move {
            stock(&shelf.spec, &cx.config_maps()).await?;
            Ok(Action::await_change())
        })
    }
}

/// Applies each ConfigMap of the spec and deletes the others.
///
/// # Errors
/// Those of the writes.
pub async fn stock(spec: &ShelfSpec, maps: &Handle<ConfigMap>) -> Result<(), WriteError> {
    for (name, text) in &spec.maps {
        maps.apply(config_map(name, text)).await?;
    }
    for map in maps.all().iter().filter(|map| !spec.maps.contains_key(&map.name_any())) {
        maps.delete(&map.name_any()).await?;
    }
    Ok(())
}

/// The reconciler of [`Guarded`] and [`Renamed`]: it stocks, and its cleanup waits at a gate.
#[derive(Clone, Debug)]
pub struct Guard {
    /// `<name>: <triggers>` and `<name> cleanup: <triggers>`.
    pub journal: Journal,
    /// Where each reconcile of [`Guarded`] waits before it writes.
    pub entrance: Gate,
    /// Where each cleanup waits.
    pub exit: Gate,
}

impl GuardedReconciler for Guard {
    type Error = WriteError;

    async fn reconcile(&self, shelf: Arc<Shelf>, _: GuardedSnapshot, cx: GuardedContext) -> Result<Action, WriteError> {
        self.journal.note(format!("{}: {}", shelf.name_any(), cx.triggers()));
        self.entrance.pass().await;
        stock(&shelf.spec, &cx.config_maps()).await?;
        Ok(Action::await_change())
    }

    async fn cleanup(&self, shelf: Arc<Shelf>, _: GuardedSnapshot, cx: GuardedContext) -> Result<Cleanup, WriteError> {
        self.journal.note(format!("{} cleanup: {}", shelf.name_any(), cx.triggers()));
        self.exit.pass().await;
        Ok(Cleanup::Done)
    }
}

impl RenamedReconciler for Guard {
    type Error = WriteError;

    async fn reconcile(&self, shelf: Arc<Shelf>, _: RenamedSnapshot, cx: RenamedContext) -> Result<Action, WriteError> {
        self.journal.note(format!("{}: {}", shelf.name_any(), cx.triggers()));
        stock(&shelf.spec, &cx.config_maps()).await?;
        Ok(Action::await_change())
    }

    async fn cleanup(&self, shelf: Arc<Shelf>, _: RenamedSnapshot, cx: RenamedContext) -> Result<Cleanup, WriteError> {
        self.journal.note(format!("{} cleanup: {}", shelf.name_any(), cx.triggers()));
        self.exit.pass().await;
        Ok(Cleanup::Done)
    }
}

/// The reconciler of [`Split`]: it does nothing but keep the journal.
#[derive(Clone, Debug)]
pub struct Parts {
    /// `<name> <method>: <triggers>, <ConfigMaps>+<Secrets>`.
    pub journal: Journal,
    /// Where each `reconcile` of the shelf `a` waits.
    pub gate: Gate,
    answers: Arc<Mutex<Answers>>,
}

/// What the methods of [`Parts`] answer for the shelf `a`; for all others they answer that all is done.
#[derive(Clone, Copy, Debug)]
pub struct Answers {
    /// `reconcile`.
    pub reconcile: Action,
    /// `reconcile_config_maps`.
    pub config_maps: Handled,
    /// `reconcile_secrets`.
    pub secrets: Handled,
}

impl Parts {
    /// One whose methods answer that all is done.
    pub fn new(journal: &Journal) -> Self {
        Self { journal: journal.clone(), gate: Gate::open(), answers: Arc::new(Mutex::new(DONE)) }
    }

    /// What the methods answer from now on.
    pub fn answer(&self, change: impl FnOnce(&mut Answers)) {
        change(&mut self.answers.lock().unwrap_or_else(PoisonError::into_inner));
    }

    fn called(&self, method: &str, shelf: &Shelf, seen: &SplitSnapshot, cx: &SplitContext) -> Answers {
        let (maps, secrets) = (seen.config_maps.len(), seen.secrets.len());
        self.journal.note(format!("{} {method}: {}, {maps}+{secrets}", shelf.name_any(), cx.triggers()));
        if shelf.name_any() == "a" { *self.answers.lock().unwrap_or_else(PoisonError::into_inner) } else { DONE }
    }
}

const DONE: Answers = Answers { reconcile: Action::AwaitChange, config_maps: Handled::Done, secrets: Handled::Done };

impl SplitReconciler for Parts {
    type Error = WriteError;

    async fn reconcile(&self, shelf: Arc<Shelf>, seen: SplitSnapshot, cx: SplitContext) -> Result<Action, WriteError> {
        let answers = self.called("reconcile", &shelf, &seen, &cx);
        if shelf.name_any() == "a" {
            self.gate.pass().await;
        }
        Ok(answers.reconcile)
    }

    async fn reconcile_config_maps(
        &self,
        shelf: Arc<Shelf>,
        seen: SplitSnapshot,
        cx: SplitContext,
    ) -> Result<Handled, WriteError> {
        Ok(self.called("config_maps", &shelf, &seen, &cx).config_maps)
    }

    async fn reconcile_secrets(
        &self,
        shelf: Arc<Shelf>,
        seen: SplitSnapshot,
        cx: SplitContext,
    ) -> Result<Handled, WriteError> {
        Ok(self.called("secrets", &shelf, &seen, &cx).secrets)
    }
}
