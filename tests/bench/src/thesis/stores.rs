//! kube's reflector stores of the five kinds, and the scan by which one finds what belongs to a primary.

use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::{ConfigMap, Pod, Secret, Service};
use kube::api::ListParams;
use kube::runtime::reflector::store::{Store, Writer};
use kube::runtime::watcher::Event;
use kube::{Api, Client, Resource};
use serde::de::DeserializeOwned;

use crate::BoxError;
use crate::thesis::objects::{LABEL, Setting};

pub(super) struct Stores {
    secrets: Kept<Secret>,
    pods: Kept<Pod>,
    services: Kept<Service>,
    config_maps: Kept<ConfigMap>,
    deployments: Kept<Deployment>,
}

struct Kept<K: Resource<DynamicType = ()> + Clone + 'static>(Store<K>);

impl<K> Kept<K>
where
    K: Resource<DynamicType = ()> + Clone + std::fmt::Debug + DeserializeOwned + 'static,
{
    /// With all that there are in the cluster.
    async fn fill(client: &Client) -> Result<Self, BoxError> {
        let mut writer = Writer::<K>::default();
        let store = writer.as_reader();
        writer.apply_watcher_event(&Event::Init);
        for object in Api::<K>::all(client.clone()).list(&ListParams::default()).await? {
            writer.apply_watcher_event(&Event::InitApply(object));
        }
        writer.apply_watcher_event(&Event::InitDone);
        Ok(Self(store))
    }

    fn scan(&self, setting: &Setting) -> usize {
        let is_its = |object: &K| {
            object
                .meta()
                .labels
                .as_ref()
                .and_then(|labels| labels.get(LABEL))
                .is_some_and(|name| name == setting.primary)
        };
        std::hint::black_box(self.0.state_filter(is_its)).len()
    }
}

impl Stores {
    pub(super) async fn fill(client: &Client) -> Result<Self, BoxError> {
        Ok(Self {
            secrets: Kept::fill(client).await?,
            pods: Kept::fill(client).await?,
            services: Kept::fill(client).await?,
            config_maps: Kept::fill(client).await?,
            deployments: Kept::fill(client).await?,
        })
    }

    pub(super) fn scan(&self, setting: &Setting) -> usize {
        let secrets = self.secrets.scan(setting);
        if setting.kinds == 1 {
            return secrets;
        }
        let others = [
            self.pods.scan(setting),
            self.services.scan(setting),
            self.config_maps.scan(setting),
            self.deployments.scan(setting),
        ];
        secrets + others.iter().sum::<usize>()
    }
}
