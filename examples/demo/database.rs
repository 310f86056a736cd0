//! The story of the database: certificates, backups and restores, and nobody polls.

use examples::database::api::{Backup, Database, Phase, Restore};
use k8s_openapi::api::core::v1::{PersistentVolume, Pod, Secret};
use kube::Api;
use kube::api::{DeleteParams, ListParams, Patch, PatchParams, PostParams};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::stage::{Stage, Told, eventually};

const NAME: &str = "shop";
/// Percona's operators look at everything each 5 s: four times in this time.
const IDLE: std::time::Duration = std::time::Duration::from_secs(20);

/// The teller.
pub(crate) struct Story<'s>(pub(crate) &'s mut Stage);

impl Story<'_> {
    /// Tells everything; fails with the step that did not happen.
    pub(crate) async fn tell(&mut self) -> Told<()> {
        println!("Database operators: three in one manager, and none polls. Namespace {}.", self.0.namespace);
        if self.0.cluster.is_own() {
            self.offer_volumes().await?;
        }
        self.0.start().await?;
        self.create().await?;
        self.certificate().await?;
        self.idle().await?;
        self.renew().await?;
        self.back_up().await?;
        self.restore().await?;
        self.delete().await
    }

    /// A Database to look at when the story is over.
    pub(crate) async fn encore(&mut self) -> Told<()> {
        self.add_database().await?;
        self.until("AllServe").await
    }

    async fn add_database(&self) -> Told<()> {
        let class = self.0.cluster.is_own().then_some(&self.0.namespace);
        let spec = json!({
            "image": "database:1", "shards": 2, "members": 3, "routers": 2, "tlsSecret": "certificate",
            "storage": { "size": "1Gi", "class": class }, "deleteVolumes": true,
        });
        self.add::<Database>(json!({ "metadata": { "name": NAME }, "spec": spec })).await
    }

    async fn create(&mut self) -> Told<()> {
        let step = self.0.step("create", "a Database of 2 shards is created; its certificate is not there yet");
        self.add_database().await?;
        self.until("SecretMissing").await?;
        self.0.done(step, "it says that a Secret is missing, and sleeps").await
    }

    async fn certificate(&mut self) -> Told<()> {
        let step = self.0.step("certificate", "somebody creates the Secret");
        self.add::<Secret>(json!({ "metadata": { "name": "certificate" }, "stringData": { "tls.crt": "first" } }))
            .await?;
        self.until("AllServe").await?;
        self.0.done(step, "6 members and 2 routers serve").await
    }

    async fn idle(&mut self) -> Told<()> {
        let step = self.0.step("idle", &format!("nothing happens for {} s", IDLE.as_secs()));
        tokio::time::sleep(IDLE).await;
        self.0.done(step, "it has slept").await?;
        match self.0.report.steps.last() {
            Some(step) if step.wake_ups > 0 => Err("the operator has woken for nothing".into()),
            _ => Ok(()),
        }
    }

    async fn renew(&mut self) -> Told<()> {
        let old = self.pods().await?;
        let step = self.0.step("renew", "the certificate is renewed");
        let patch = Patch::Merge(json!({ "stringData": { "tls.crt": "second" } }));
        self.0.api::<Secret>().patch("certificate", &PatchParams::default(), &patch).await?;
        eventually("all Pods to be others", || async {
            let now = self.pods().await?;
            Ok((now.len() == old.len() && now.iter().all(|uid| !old.contains(uid))).then_some(()))
        })
        .await?;
        self.until("AllServe").await?;
        self.0.done(step, "8 Pods were restarted, one after the other").await
    }

    async fn back_up(&mut self) -> Told<()> {
        let step = self.0.step("backup", "a Backup is created, and then the Secret that it refers to");
        let spec = json!({ "database": NAME, "storageSecret": "storage" });
        self.add::<Backup>(json!({ "metadata": { "name": "nightly" }, "spec": spec })).await?;
        let backups = self.0.api::<Backup>();
        eventually("it to be noticed", || async { Ok(backups.get("nightly").await?.status.map(drop)) }).await?;
        self.add::<Secret>(json!({ "metadata": { "name": "storage" }, "stringData": { "key": "x" } })).await?;
        eventually("the backup", || async {
            Ok((backups.get("nightly").await?.phase() == Phase::Succeeded).then_some(()))
        })
        .await?;
        self.0.done(step, "its Job has read from the last member of each shard").await
    }

    async fn restore(&mut self) -> Told<()> {
        let step = self.0.step("restore", "a Restore is created");
        let spec = json!({ "database": NAME, "backup": "nightly" });
        self.add::<Restore>(json!({ "metadata": { "name": "undo" }, "spec": spec })).await?;
        let restores = self.0.api::<Restore>();
        eventually("the restore", || async {
            Ok((restores.get("undo").await?.phase() == Phase::Succeeded).then_some(()))
        })
        .await?;
        self.until("AllServe").await?;
        self.0.done(step, "the database was stopped, written, and started again").await
    }

    async fn delete(&mut self) -> Told<()> {
        let step = self.0.step("delete", "the Database is deleted, with its volumes");
        let databases = self.0.api::<Database>();
        databases.delete(NAME, &DeleteParams::default()).await?;
        eventually("its end", || async { Ok(databases.get_opt(NAME).await?.is_none().then_some(())) }).await?;
        self.0.done(step, "it went last").await
    }

    /// Volumes for all claims, as nobody provisions any here.
    async fn offer_volumes(&self) -> Told<()> {
        let volumes = Api::<PersistentVolume>::all(self.0.client());
        // Those of the first database stay with its claims; a second one has others.
        for i in 0..12 {
            let name = format!("{}-{i}", self.0.namespace);
            let volume = json!({
                "metadata": { "name": name },
                "spec": {
                    "storageClassName": self.0.namespace,
                    "capacity": { "storage": "1Gi" },
                    "accessModes": ["ReadWriteOnce"],
                    "hostPath": { "path": format!("/tmp/{name}") },
                },
            });
            volumes.create(&PostParams::default(), &serde_json::from_value(volume)?).await?;
        }
        Ok(())
    }

    async fn add<K>(&self, object: Value) -> Told<()>
    where
        K: kube::Resource<DynamicType = (), Scope = k8s_openapi::NamespaceResourceScope>,
        K: serde::Serialize + DeserializeOwned + Clone + std::fmt::Debug,
    {
        self.0.api::<K>().create(&PostParams::default(), &serde_json::from_value(object)?).await?;
        Ok(())
    }

    /// The uids of all Pods of the database.
    async fn pods(&self) -> Told<Vec<Option<String>>> {
        let ours = ListParams::default().labels("db.demo.steersman.dev/group");
        Ok(self.0.api::<Pod>().list(&ours).await?.into_iter().map(|pod| pod.metadata.uid).collect())
    }

    /// Until the condition `Ready` has this reason, for the present spec.
    async fn until(&self, reason: &str) -> Told<()> {
        let databases = self.0.api::<Database>();
        eventually(&format!("the condition {reason}"), || async {
            let database = databases.get(NAME).await?;
            let conditions = database.status.iter().flat_map(|status| &status.conditions);
            let found = conditions.into_iter().find(|condition| condition.type_ == "Ready");
            let is = found.is_some_and(|found| {
                found.reason == reason && found.observed_generation == database.metadata.generation
            });
            Ok(is.then_some(()))
        })
        .await
    }
}
