//! What of an object is ours to decide: by it, what is wanted is compared with what is there.

use std::hash::{DefaultHasher, Hash, Hasher};

use examples::plain::desired::{COMPONENT, INSTANCE};
use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::{ConfigMap, Container, Service, Volume};
use kube::{Resource, ResourceExt};

pub(crate) trait Relevant: Resource<DynamicType = ()> {
    /// A hash of what we set. Defaults, and labels of others, are not in it.
    fn relevant(&self) -> u64;
}

pub(crate) fn digest(of: impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    of.hash(&mut hasher);
    hasher.finish()
}

/// The uid of the controller of an object, if that is of this kind.
pub(crate) fn owner<'a>(object: &'a impl Resource, kind: &str) -> Option<&'a str> {
    let mut owners = object.owner_references().iter();
    owners.find(|owner| owner.controller == Some(true) && owner.kind == kind).map(|owner| &*owner.uid)
}

fn metadata(object: &impl Resource) -> impl Hash {
    (owner(object, "WebApp"), [INSTANCE, COMPONENT].map(|key| object.labels().get(key)))
}

impl Relevant for ConfigMap {
    fn relevant(&self) -> u64 {
        digest((metadata(self), &self.data))
    }
}

impl Relevant for Service {
    fn relevant(&self) -> u64 {
        let spec = self.spec.as_ref();
        let ports: Vec<i32> =
            spec.into_iter().flat_map(|spec| spec.ports.iter().flatten()).map(|port| port.port).collect();
        digest((metadata(self), spec.and_then(|spec| spec.selector.as_ref()), ports))
    }
}

impl Relevant for Deployment {
    fn relevant(&self) -> u64 {
        let template = &self.spec.template;
        let pod = template.spec.as_ref();
        let containers: Vec<_> = pod.into_iter().flat_map(|pod| &pod.containers).map(container).collect();
        let volumes: Vec<_> = pod.into_iter().flat_map(|pod| pod.volumes.iter().flatten()).map(volume).collect();
        let labels = template.metadata.as_ref().and_then(|metadata| metadata.labels.as_ref());
        digest((metadata(self), self.spec.replicas, labels, containers, volumes))
    }
}

fn container(container: &Container) -> impl Hash {
    let ports: Vec<i32> = container.ports.iter().flatten().map(|port| port.container_port).collect();
    let env = container.env_from.iter().flatten().map(|from| from.config_map_ref.as_ref().map(|map| &*map.name));
    let mounts = container.volume_mounts.iter().flatten().map(|mount| (&*mount.name, &*mount.mount_path));
    (&container.name, &container.image, ports, env.collect::<Vec<_>>(), mounts.collect::<Vec<_>>())
}

fn volume(volume: &Volume) -> impl Hash {
    (&volume.name, volume.config_map.as_ref().map(|map| &*map.name))
}
