//! The custom resources and what the operators watch for them.
#![allow(unreachable_pub, reason = "`KubeSchema` repeats each struct, visibility included, within a block")]

use std::collections::BTreeMap;

use k8s_openapi::api::apps::v1::StatefulSet;
use k8s_openapi::api::batch::v1::Job;
use k8s_openapi::api::core::v1::{ConfigMap, PersistentVolumeClaim, Pod, Secret, Service};
use k8s_openapi::api::policy::v1::PodDisruptionBudget;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Condition;
use kube::{CustomResource, KubeSchema};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use steersman::{ObjectRef, Operator};

use super::decide;

/// A database: shards, each of members that replicate each other, and routers before them.
#[derive(CustomResource, Operator, KubeSchema, Clone, Debug, Deserialize, Serialize)]
#[kube(group = "db.demo.steersman.dev", version = "v1", kind = "Database", namespaced, status = "DatabaseStatus")]
#[kube(
    printcolumn = r#"{"name":"Ready","type":"string","jsonPath":".status.conditions[?(@.type==\"Ready\")].status"}"#
)]
#[kube(
    printcolumn = r#"{"name":"Message","type":"string","jsonPath":".status.conditions[?(@.type==\"Ready\")].message"}"#
)]
#[kube(validation = Rule::new("self.metadata.name.matches('^[a-z]([-a-z0-9]{0,38}[a-z0-9])?$')")
    .message("the name is that of a Service: at most 40 lower case letters, digits and `-`, and a letter first"))]
#[operator(finalizer = "db.demo.steersman.dev/volumes")]
#[secondary(StatefulSet, predicate = any(spec_changed, changed(decide::revision)))]
#[secondary(Pod, through = StatefulSet, write, handler, predicate = changed(steersman::ready::pod), debounce = "100ms")]
#[secondary(PersistentVolumeClaim, name = volumes, label = "db.demo.steersman.dev/database", write, debounce = "1s",
            predicate = changed(decide::is_bound))]
#[secondary(Service)]
#[secondary(ConfigMap, one)]
#[secondary(PodDisruptionBudget)]
#[secondary(Secret, name = generated)]
#[secondary(Secret, one, name = tls, reference = spec.tls_secret, predicate = data_changed)]
#[secondary(Secret, name = users, reference = |spec| spec.users.iter().map(|user| &user.secret), predicate = data_changed)]
#[secondary(Backup, map = Backup::in_queue, unbounded)]
#[secondary(Restore, map = Restore::in_queue, unbounded)]
#[x_kube(validation = Rule::new("self.storage == oldSelf.storage").message("storage cannot be changed: volume claims stay as they are"))]
#[x_kube(validation = Rule::new("self.shards >= oldSelf.shards").message("a shard cannot be taken away: it has data"))]
#[serde(rename_all = "camelCase")]
pub struct DatabaseSpec {
    /// The container image of members and routers.
    pub image: String,
    /// How many shards the data are spread over.
    #[schemars(range(min = 1, max = 16))]
    pub shards: i32,
    /// How many members each shard has.
    #[schemars(range(min = 1, max = 7))]
    pub members: i32,
    /// How many routers.
    #[schemars(range(min = 1, max = 16))]
    pub routers: i32,
    /// What storage each member claims.
    pub storage: Storage,
    /// The configuration of all members.
    #[serde(default)]
    pub configuration: BTreeMap<String, String>,
    /// The Secret with the certificate that members and routers show. They start once it is there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tls_secret: Option<String>,
    /// Those who may log in, beside the operator's own `root`.
    #[serde(default)]
    pub users: Vec<User>,
    /// After how many days `root` gets a new password; never, if it is left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 3650))]
    pub rotate_password_days: Option<u32>,
    /// Whether the data are deleted with the database. Otherwise they stay, and the next database of this name has them.
    #[serde(default)]
    pub delete_volumes: bool,
}

/// What storage a member claims.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Storage {
    /// How much, such as `10Gi`.
    pub size: String,
    /// The storage class; by default that of the cluster.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub class: Option<String>,
}

/// Somebody who may log in.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
pub struct User {
    /// The name.
    pub name: String,
    /// The Secret with the password, under the key `password`.
    pub secret: String,
}

/// What the operator found.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct DatabaseStatus {
    /// `Ready`: everything runs as the spec says. `Paused`: nothing runs, because of a restore.
    #[serde(default)]
    pub conditions: Vec<Condition>,
    /// How many members and routers are ready.
    #[serde(default)]
    pub ready: i32,
    /// How many volumes are bound.
    #[serde(default)]
    pub volumes: i32,
    /// Whose turn it is. Backups and restores work one after the other, and only the one that stands here works.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub turn: Option<Turn>,
}

/// A backup or a restore whose turn it is.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Deserialize, Serialize, JsonSchema)]
pub struct Turn {
    /// What it is.
    pub kind: TaskKind,
    /// Its name.
    pub name: String,
    /// Its uid: another one of that name has to wait.
    pub uid: String,
}

/// What can have a turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Deserialize, Serialize, JsonSchema)]
pub enum TaskKind {
    /// A [`Backup`].
    Backup,
    /// A [`Restore`].
    Restore,
}

/// A backup of a database, made once.
#[derive(CustomResource, KubeSchema, Clone, Debug, Deserialize, Serialize)]
#[kube(group = "db.demo.steersman.dev", version = "v1", kind = "Backup", namespaced, status = "TaskStatus")]
#[kube(printcolumn = r#"{"name":"Database","type":"string","jsonPath":".spec.database"}"#)]
#[kube(printcolumn = r#"{"name":"Phase","type":"string","jsonPath":".status.phase"}"#)]
#[kube(validation = Rule::new("self.metadata.name.size() <= 50").message("a name has at most 50 characters"))]
#[x_kube(validation = Rule::new("self == oldSelf").message("a backup is made once: make another one"))]
#[serde(rename_all = "camelCase")]
pub struct BackupSpec {
    /// The database.
    pub database: String,
    /// The Secret with the access to where the backup is stored.
    pub storage_secret: String,
}

/// Puts a backup back into its database, once; the database is paused meanwhile.
#[derive(CustomResource, KubeSchema, Clone, Debug, Deserialize, Serialize)]
#[kube(group = "db.demo.steersman.dev", version = "v1", kind = "Restore", namespaced, status = "TaskStatus")]
#[kube(printcolumn = r#"{"name":"Database","type":"string","jsonPath":".spec.database"}"#)]
#[kube(printcolumn = r#"{"name":"Phase","type":"string","jsonPath":".status.phase"}"#)]
#[kube(validation = Rule::new("self.metadata.name.size() <= 50").message("a name has at most 50 characters"))]
#[x_kube(validation = Rule::new("self == oldSelf").message("a restore is made once: make another one"))]
pub struct RestoreSpec {
    /// The database.
    pub database: String,
    /// The backup.
    pub backup: String,
}

/// The operator of backups. It stands beside the kind, as its references depend on the status: a backup that is over refers to
/// nothing, and nothing wakes it any more.
#[derive(Operator, Debug)]
#[operator(primary = Backup)]
#[secondary(Database, one, reference = Backup::database, predicate = changed(Database::outlook))]
#[secondary(StatefulSet, through = Database, predicate = changed(decide::exists))]
#[secondary(Pod, through = StatefulSet, predicate = changed(steersman::ready::pod))]
#[secondary(Secret, one, name = storage, reference = Backup::storage, predicate = changed(decide::exists))]
#[secondary(Job, one, predicate = changed(steersman::ready::job))]
pub struct Backups;

/// The operator of restores. The finalizer keeps one that is deleted in its turn until nothing writes into the data any more.
#[derive(Operator, Debug)]
#[operator(primary = Restore, finalizer = "db.demo.steersman.dev/job")]
#[secondary(Backup, one, reference = Restore::backup, predicate = changed(Backup::phase))]
#[secondary(Database, one, reference = Restore::database, predicate = changed(Database::outlook))]
#[secondary(StatefulSet, through = Database, predicate = changed(decide::exists))]
#[secondary(Pod, through = StatefulSet, predicate = changed(decide::exists))]
#[secondary(Job, one, predicate = changed(steersman::ready::job))]
pub struct Restores;

/// How far a backup or a restore is.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct TaskStatus {
    /// In one word.
    #[serde(default)]
    pub phase: Phase,
    /// `Complete`: whether it has succeeded.
    #[serde(default)]
    pub conditions: Vec<Condition>,
}

/// How far a backup or a restore is, in one word.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Deserialize, Serialize, JsonSchema)]
pub enum Phase {
    /// Something that it needs is not there.
    #[default]
    Waiting,
    /// It waits for its turn.
    Queued,
    /// Its Job runs.
    Running,
    /// It is done.
    Succeeded,
    /// Its Job has failed.
    Failed,
}

impl Phase {
    /// Whether it wants a turn, or has one.
    pub fn is_queued(self) -> bool {
        matches!(self, Self::Queued | Self::Running)
    }

    /// Whether nothing will follow.
    pub fn is_over(self) -> bool {
        matches!(self, Self::Succeeded | Self::Failed)
    }
}

impl Database {
    /// How it is with one of its conditions; `None` if nobody has looked at the present spec yet.
    pub fn condition(&self, type_: &str) -> Option<bool> {
        let conditions = self.status.iter().flat_map(|status| &status.conditions);
        steersman::ready::condition(type_, conditions, self.metadata.generation)
    }

    /// What backups and restores want to know.
    pub fn outlook(&self) -> (Option<&Turn>, Option<bool>) {
        (self.turn(), self.condition("Paused"))
    }

    /// Whose turn it is.
    pub fn turn(&self) -> Option<&Turn> {
        self.status.as_ref()?.turn.as_ref()
    }
}

impl Backup {
    /// How far it is.
    pub fn phase(&self) -> Phase {
        self.status.as_ref().map(|status| status.phase).unwrap_or_default()
    }

    /// The database in whose queue it is.
    fn in_queue(&self) -> Option<ObjectRef<Database>> {
        self.phase().is_queued().then(|| ObjectRef::new(&self.spec.database))
    }

    fn database(&self) -> Option<&str> {
        (!self.phase().is_over()).then_some(&self.spec.database)
    }

    fn storage(&self) -> Option<&str> {
        (!self.phase().is_over()).then_some(&self.spec.storage_secret)
    }
}

impl Restore {
    /// How far it is.
    pub fn phase(&self) -> Phase {
        self.status.as_ref().map(|status| status.phase).unwrap_or_default()
    }

    /// The database in whose queue it is.
    fn in_queue(&self) -> Option<ObjectRef<Database>> {
        self.phase().is_queued().then(|| ObjectRef::new(&self.spec.database))
    }

    fn database(&self) -> Option<&str> {
        (!self.phase().is_over()).then_some(&self.spec.database)
    }

    fn backup(&self) -> Option<&str> {
        (!self.phase().is_over()).then_some(&self.spec.backup)
    }
}
