//! A namespace with volumes, and the three operators.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant};

use examples::database::api::{
    Backup, BackupSpec, Backups, Database, DatabaseSpec, Phase, Restore, RestoreSpec, Restores, Storage,
};
use examples::database::clock::Clock;
use examples::database::controller::{BackupController, DatabaseController, RestoreController};
use k8s_openapi::api::core::v1::{PersistentVolume, Pod, Secret};
use k8s_openapi::jiff::{SignedDuration, Timestamp};
use kube::api::{ListParams, PostParams};
use kube::{Api, CustomResourceExt, ResourceExt};
use serde_json::json;
use steersman::Stats;
use steersman_control_plane::Counts;
use tests::{Operating, Place, eventually, install, typed};
use tokio::sync::OnceCell;

/// An operator that has done nothing for this long has come to rest.
const QUIET: Duration = Duration::from_secs(2);

/// The operators at work.
pub(crate) struct Scene {
    pub(crate) place: Place,
    pub(crate) operating: Operating,
    pub(crate) databases: Stats,
    pub(crate) backups: Stats,
    pub(crate) restores: Stats,
    /// How many seconds the operators' clock is ahead.
    ahead: Arc<AtomicI64>,
}

/// What was done in some time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Cost {
    pub(crate) runs: u64,
    pub(crate) requests: Counts,
}

impl Scene {
    /// Starts them, with so many volumes of 1 GiB.
    pub(crate) async fn begin(name: &str, volumes: usize) -> Self {
        static INSTALLED: OnceCell<()> = OnceCell::const_new();
        let place = Place::shared(name).await;
        let install_all = async || {
            for crd in [Database::crd(), Backup::crd(), Restore::crd()] {
                install(&place.client, crd).await;
            }
        };
        INSTALLED.get_or_init(install_all).await;
        offer(&place, volumes).await;
        Self::begin_again(place).await
    }

    /// Starts the operators in a place that is furnished.
    pub(crate) async fn begin_again(place: Place) -> Self {
        let started = place.log.lines(&["all caches are complete"]).len();
        let ahead = Arc::<AtomicI64>::default();
        let seconds = ahead.clone();
        let clock = Clock::new(move || Timestamp::now() + SignedDuration::from_secs(seconds.load(Ordering::SeqCst)));
        let databases = Database::operator(DatabaseController::new(clock)).namespace(&place.namespace);
        let backups = Backups::operator(BackupController).namespace(&place.namespace);
        let restores = Restores::operator(RestoreController).namespace(&place.namespace);
        let [of_databases, of_backups, of_restores] = [databases.stats(), backups.stats(), restores.stats()];
        let operating = place.operate(|manager| manager.with(databases).with(backups).with(restores));
        place.started(started + 3).await;
        Self { place, operating, databases: of_databases, backups: of_backups, restores: of_restores, ahead }
    }

    /// Sets the operators' clock, which goes on from there.
    pub(crate) fn set_clock(&self, now: Timestamp) {
        self.ahead.store(now.duration_since(Timestamp::now()).as_secs(), Ordering::SeqCst);
    }

    /// A database of one shard with so many members, and so many routers.
    pub(crate) fn spec(&self, members: i32, routers: i32) -> DatabaseSpec {
        DatabaseSpec {
            image: "database:1".into(),
            shards: 1,
            members,
            routers,
            storage: Storage { size: "1Gi".into(), class: Some(self.place.namespace.clone()) },
            configuration: [("cache".to_owned(), "1GiB".to_owned())].into(),
            tls_secret: None,
            users: Vec::new(),
            rotate_password_days: None,
            delete_volumes: false,
        }
    }

    pub(crate) async fn create(&self, name: &str, spec: DatabaseSpec) -> Database {
        self.place.create(Database::new(name, spec)).await
    }

    pub(crate) async fn back_up(&self, name: &str, database: &str) {
        let spec = BackupSpec { database: database.to_owned(), storage_secret: "storage".to_owned() };
        self.place.create(Backup::new(name, spec)).await;
    }

    pub(crate) async fn restore(&self, name: &str, database: &str, backup: &str) {
        let spec = RestoreSpec { database: database.to_owned(), backup: backup.to_owned() };
        self.place.create(Restore::new(name, spec)).await;
    }

    pub(crate) async fn is_ready(&self, name: &str) {
        self.says(name, "Ready", true, "AllServe").await;
    }

    /// Waits until a condition of the present spec is so, for this reason.
    pub(crate) async fn says(&self, name: &str, type_: &str, status: bool, reason: &str) {
        eventually(&format!("{name} says {type_}={status}, {reason}"), async || {
            let Some(database) = self.place.get::<Database>(name).await else { return false };
            let conditions = database.status.iter().flat_map(|status| &status.conditions);
            let found = conditions.into_iter().find(|condition| condition.type_ == type_);
            database.condition(type_) == Some(status) && found.is_some_and(|found| found.reason == reason)
        })
        .await;
    }

    pub(crate) async fn backup_is(&self, name: &str, phase: Phase) {
        let is = async || self.place.get::<Backup>(name).await.is_some_and(|backup| backup.phase() == phase);
        eventually(&format!("the backup {name} is {phase:?}"), is).await;
    }

    pub(crate) async fn restore_is(&self, name: &str, phase: Phase) {
        let is = async || self.place.get::<Restore>(name).await.is_some_and(|restore| restore.phase() == phase);
        eventually(&format!("the restore {name} is {phase:?}"), is).await;
    }

    pub(crate) async fn secret(&self, name: &str, value: &str) {
        let secret = json!({ "metadata": { "name": name }, "stringData": { "password": value } });
        self.place.create::<Secret>(typed(secret)).await;
    }

    pub(crate) async fn password(&self, secret: &str) -> Option<String> {
        let data = self.place.get::<Secret>(secret).await?.data?;
        Some(String::from_utf8_lossy(&data.get("password")?.0).into_owned())
    }

    /// The Pods of a database that there are, by name.
    pub(crate) async fn pods(&self) -> Vec<Pod> {
        let ours = ListParams::default().labels("db.demo.steersman.dev/group");
        self.place.api::<Pod>().list(&ours).await.expect("they can be listed").items
    }

    /// The names of the Pods that the operator has deleted, in the order in which it has.
    pub(crate) fn restarted(&self) -> Vec<String> {
        let requests = self.operating.requests().into_iter();
        requests.filter(|r| r.resource == "pods" && r.verb == "delete" && r.code == 200).map(|r| r.name).collect()
    }

    fn runs(&self) -> u64 {
        self.databases.runs() + self.backups.runs() + self.restores.runs()
    }

    /// What was done so far, once all is quiet.
    pub(crate) async fn cost(&self) -> Cost {
        let mut last = (self.runs(), Instant::now());
        while last.1.elapsed() < QUIET {
            tokio::time::sleep(QUIET / 20).await;
            if self.runs() != last.0 {
                last = (self.runs(), Instant::now());
            }
        }
        Cost { runs: last.0, requests: self.operating.costs() }
    }
}

/// Volumes for the claims of this namespace, as nobody provisions any here.
async fn offer(place: &Place, count: usize) {
    let volumes = Api::<PersistentVolume>::all(place.client.clone());
    for i in 0..count {
        let name = format!("{}-{i}", place.namespace);
        let volume = json!({
            "metadata": { "name": name },
            "spec": {
                "storageClassName": place.namespace,
                "capacity": { "storage": "1Gi" },
                "accessModes": ["ReadWriteOnce"],
                "hostPath": { "path": format!("/tmp/{name}") },
            },
        });
        volumes.create(&PostParams::default(), &typed(volume)).await.expect("a volume can be created");
    }
}

/// How many of these Pods do not serve.
pub(crate) fn unready(pods: &[Pod]) -> usize {
    pods.iter().filter(|pod| steersman::ready::pod(pod) != steersman::ready::Readiness::Ready).count()
}

/// The uids of these objects.
pub(crate) fn uids(pods: &[Pod]) -> Vec<Option<String>> {
    pods.iter().map(ResourceExt::uid).collect()
}
