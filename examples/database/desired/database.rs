//! The objects of a [`Database`].

use std::collections::BTreeMap;

use k8s_openapi::api::apps::v1::{StatefulSet, StatefulSetSpec, StatefulSetUpdateStrategy};
use k8s_openapi::api::core::v1::{
    ConfigMap, ConfigMapVolumeSource, Container, ContainerPort, PersistentVolumeClaim, PersistentVolumeClaimSpec,
    PodSpec, PodTemplateSpec, SecretVolumeSource, Service, ServicePort, ServiceSpec, Volume, VolumeMount,
    VolumeResourceRequirements,
};
use k8s_openapi::api::policy::v1::{PodDisruptionBudget, PodDisruptionBudgetSpec};
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;
use kube::ResourceExt;
use kube::core::ObjectMeta;

use super::{Part, credentials_name, key_name, labels, metadata, selector};
use crate::database::api::{Database, DatabaseSpec};

const PORT: i32 = 27017;
/// The annotation of a Pod that changes with everything that it reads only when it starts.
const CHECKSUM: &str = "db.demo.steersman.dev/checksum";

/// The configuration that all Pods read.
pub fn config_map(database: &Database) -> ConfigMap {
    let lines = database.spec.configuration.iter().map(|(key, value)| format!("{key} = {value}\n"));
    ConfigMap {
        metadata: metadata(config_name(database), labels(&database.name_any())),
        data: Some(BTreeMap::from([("database.conf".to_owned(), lines.collect())])),
        ..ConfigMap::default()
    }
}

fn config_name(database: &Database) -> String {
    format!("{}-config", database.name_any())
}

/// The Service by which members and routers find each other, ready or not.
pub fn headless_service(database: &Database) -> Service {
    Service {
        metadata: metadata(headless_name(database), labels(&database.name_any())),
        spec: Some(ServiceSpec {
            cluster_ip: Some("None".to_owned()),
            publish_not_ready_addresses: Some(true),
            selector: Some(labels(&database.name_any())),
            ports: ports(),
            ..ServiceSpec::default()
        }),
        ..Service::default()
    }
}

fn headless_name(database: &Database) -> String {
    format!("{}-members", database.name_any())
}

/// The Service for those who use the database: it leads to the routers.
pub fn client_service(database: &Database) -> Service {
    Service {
        metadata: metadata(database.name_any(), labels(&database.name_any())),
        spec: Some(ServiceSpec {
            selector: Some(Part::Routers.labels(database)),
            ports: ports(),
            ..ServiceSpec::default()
        }),
        ..Service::default()
    }
}

fn ports() -> Option<Vec<ServicePort>> {
    Some(vec![ServicePort { name: Some("database".to_owned()), port: PORT, ..ServicePort::default() }])
}

/// Nobody may evict more than one Pod of a part at a time.
pub fn budget(database: &Database, part: Part) -> PodDisruptionBudget {
    PodDisruptionBudget {
        metadata: metadata(part.name(database), part.labels(database)),
        spec: Some(PodDisruptionBudgetSpec {
            max_unavailable: Some(IntOrString::Int(1)),
            selector: Some(selector(part.labels(database))),
            ..PodDisruptionBudgetSpec::default()
        }),
        ..PodDisruptionBudget::default()
    }
}

/// A shard, or the routers. With `paused` it keeps its claims and has no Pods.
///
/// Its controller starts all Pods at once, as they look for each other, and replaces none (`OnDelete`): it would do that in all
/// StatefulSets at the same time, and could not be stopped for a backup. Which Pod goes next, we decide.
pub fn stateful_set(database: &Database, part: Part, checksum: &str, paused: bool) -> StatefulSet {
    let labels = part.labels(database);
    let annotations = BTreeMap::from([(CHECKSUM.to_owned(), checksum.to_owned())]);
    StatefulSet {
        metadata: metadata(part.name(database), labels.clone()),
        spec: StatefulSetSpec {
            replicas: Some(if paused { 0 } else { part.replicas(database) }),
            service_name: Some(headless_name(database)),
            pod_management_policy: Some("Parallel".to_owned()),
            update_strategy: Some(StatefulSetUpdateStrategy {
                type_: Some("OnDelete".to_owned()),
                ..StatefulSetUpdateStrategy::default()
            }),
            selector: selector(labels.clone()),
            template: PodTemplateSpec {
                metadata: Some(ObjectMeta {
                    labels: Some(labels),
                    annotations: Some(annotations),
                    ..ObjectMeta::default()
                }),
                spec: Some(pod(database, part)),
            },
            volume_claim_templates: matches!(part, Part::Shard(_)).then(|| vec![claim(&database.spec)]),
            ..StatefulSetSpec::default()
        },
        ..StatefulSet::default()
    }
}

fn pod(database: &Database, part: Part) -> PodSpec {
    let secrets = [("credentials", credentials_name(database)), ("key", key_name(database))];
    let given = database.spec.tls_secret.iter().map(|name| ("tls".to_owned(), name.clone()));
    let users = database.spec.users.iter().enumerate().map(|(i, user)| (format!("user-{i}"), user.secret.clone()));
    let secrets = secrets.map(|(volume, name)| (volume.to_owned(), name)).into_iter().chain(given).chain(users);
    let mut volumes = vec![Volume {
        name: "config".to_owned(),
        config_map: Some(ConfigMapVolumeSource { name: config_name(database), ..ConfigMapVolumeSource::default() }),
        ..Volume::default()
    }];
    volumes.extend(secrets.map(|(name, secret)| Volume {
        name,
        secret: Some(SecretVolumeSource { secret_name: Some(secret), ..SecretVolumeSource::default() }),
        ..Volume::default()
    }));
    let mount =
        |name: &str| VolumeMount { name: name.to_owned(), mount_path: format!("/{name}"), ..VolumeMount::default() };
    let mut mounts: Vec<VolumeMount> = volumes.iter().map(|volume| mount(&volume.name)).collect();
    mounts.extend(matches!(part, Part::Shard(_)).then(|| mount("data")));
    let role = if part == Part::Routers { "route" } else { "store" };
    PodSpec {
        containers: vec![Container {
            name: "database".to_owned(),
            image: Some(database.spec.image.clone()),
            args: Some(vec![role.to_owned(), format!("--group={}", part.group())]),
            ports: Some(vec![ContainerPort { container_port: PORT, ..ContainerPort::default() }]),
            volume_mounts: Some(mounts),
            ..Container::default()
        }],
        volumes: Some(volumes),
        ..PodSpec::default()
    }
}

/// The claim of each member. The StatefulSet's controller gives it the labels of the selector, and no owner.
fn claim(spec: &DatabaseSpec) -> PersistentVolumeClaim {
    let requests = BTreeMap::from([("storage".to_owned(), Quantity(spec.storage.size.clone()))]);
    PersistentVolumeClaim {
        metadata: ObjectMeta { name: Some("data".to_owned()), ..ObjectMeta::default() },
        spec: Some(PersistentVolumeClaimSpec {
            access_modes: Some(vec!["ReadWriteOnce".to_owned()]),
            resources: Some(VolumeResourceRequirements { requests: Some(requests), limits: None }),
            storage_class_name: spec.storage.class.clone(),
            ..PersistentVolumeClaimSpec::default()
        }),
        ..PersistentVolumeClaim::default()
    }
}
