//! The Jobs of backups and restores.

use std::collections::BTreeMap;

use k8s_openapi::api::batch::v1::{Job, JobSpec};
use k8s_openapi::api::core::v1::{
    Container, EnvFromSource, PersistentVolumeClaimVolumeSource, PodSpec, PodTemplateSpec, SecretEnvSource, Volume,
    VolumeMount,
};
use kube::ResourceExt;
use kube::core::ObjectMeta;

use super::{Part, credentials_name, metadata};
use crate::database::api::{Backup, Database, Restore};

/// The Job that reads from one member of each shard.
pub fn backup(backup: &Backup, database: &Database, members: Vec<String>) -> Job {
    let container = Container {
        args: Some([vec!["backup".to_owned()], members].concat()),
        env_from: Some(environment([credentials_name(database), backup.spec.storage_secret.clone()])),
        ..container(database)
    };
    job(format!("{}-backup", backup.name_any()), PodSpec { containers: vec![container], ..PodSpec::default() })
}

/// The Job that writes what the backup has stored into the claim of the first member of each shard, from which the others get it.
pub fn restore(restore: &Restore, backup: &Backup, database: &Database) -> Job {
    let claims = (0..database.spec.shards).map(|i| (Part::Shard(i).group(), Part::Shard(i).name(database)));
    let volumes: Vec<Volume> = claims.map(|(group, set)| claim(group, format!("data-{set}-0"))).collect();
    let mounts = volumes.iter().map(|volume| VolumeMount {
        name: volume.name.clone(),
        mount_path: format!("/{}", volume.name),
        ..VolumeMount::default()
    });
    let container = Container {
        args: Some(vec!["restore".to_owned(), backup.name_any()]),
        env_from: Some(environment([backup.spec.storage_secret.clone()])),
        volume_mounts: Some(mounts.collect()),
        ..container(database)
    };
    let pod = PodSpec { containers: vec![container], volumes: Some(volumes), ..PodSpec::default() };
    job(format!("{}-restore", restore.name_any()), pod)
}

fn job(name: String, pod: PodSpec) -> Job {
    let template = PodTemplateSpec {
        metadata: Some(ObjectMeta::default()),
        spec: Some(PodSpec { restart_policy: Some("Never".to_owned()), ..pod }),
    };
    Job {
        metadata: metadata(name, BTreeMap::from([("app.kubernetes.io/name".to_owned(), "database".to_owned())])),
        spec: Some(JobSpec { backoff_limit: Some(2), template, ..JobSpec::default() }),
        ..Job::default()
    }
}

fn container(database: &Database) -> Container {
    Container { name: "database".to_owned(), image: Some(database.spec.image.clone()), ..Container::default() }
}

fn environment<const N: usize>(secrets: [String; N]) -> Vec<EnvFromSource> {
    let from = |name| EnvFromSource {
        secret_ref: Some(SecretEnvSource { name, ..SecretEnvSource::default() }),
        ..EnvFromSource::default()
    };
    secrets.map(from).into()
}

fn claim(name: String, claim_name: String) -> Volume {
    Volume {
        name,
        persistent_volume_claim: Some(PersistentVolumeClaimVolumeSource {
            claim_name,
            ..PersistentVolumeClaimVolumeSource::default()
        }),
        ..Volume::default()
    }
}
