//! steersman's core with the same objects.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Instant;

use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::{ConfigMap, Pod, Secret, Service};
use kube::{Client, Resource};
use serde_json::Value;
use steersman::Action;
use steersman::bench::Core;

use crate::BoxError;
use crate::thesis::objects::{
    Bundle, BundleContext, BundleOperator, BundleReconciler, BundleSnapshot, SETTINGS, Setting,
};

/// A reconciler that nobody calls.
#[derive(Debug)]
pub(crate) struct Silent;

impl BundleReconciler for Silent {
    type Error = Infallible;

    async fn reconcile(&self, _: Arc<Bundle>, _: BundleSnapshot, _: BundleContext) -> Result<Action, Infallible> {
        Ok(Action::await_change())
    }
}

pub(super) struct Snapshots {
    core: Core<BundleOperator<Silent>>,
    /// A Secret of the primary of each setting.
    changing: [Value; SETTINGS.len()],
    /// The latest version of anything.
    version: u64,
}

impl Snapshots {
    /// With all that there are in the cluster; the first run of each primary is over.
    pub(super) async fn fill(client: &Client) -> Result<Self, BoxError> {
        let mut core = Core::new();
        let lists = [
            list::<Bundle>(client).await?,
            list::<Secret>(client).await?,
            list::<Pod>(client).await?,
            list::<Service>(client).await?,
            list::<ConfigMap>(client).await?,
            list::<Deployment>(client).await?,
        ];
        let version = lists.iter().map(|(version, _)| *version).max().unwrap_or_default();
        for (source, (version, objects)) in lists.iter().enumerate() {
            core.list(source, *version, objects.iter().map(Value::to_string))?;
        }
        while let Some(begun) = core.begin() {
            core.end(begun);
        }
        let first = |setting: &Setting| {
            let name = format!("{}-0", setting.primary);
            lists[1]
                .1
                .iter()
                .find(|secret| secret["metadata"]["name"] == name.as_str())
                .cloned()
                .ok_or("a Secret is missing")
        };
        let [a, b, c] = &SETTINGS;
        Ok(Self { core, changing: [first(a)?, first(b)?, first(c)?], version })
    }

    /// Changes a secondary, so that its primary is due; returns how many secondaries the run sees, and the seconds that it took to come
    /// so far.
    pub(super) fn read(&mut self, setting: &Setting) -> Result<(usize, f64), BoxError> {
        self.version += 1;
        let place = SETTINGS.iter().position(|other| other.scenario == setting.scenario).ok_or("no such setting")?;
        let secret = &mut self.changing[place];
        secret["metadata"]["resourceVersion"] = self.version.to_string().into();
        secret["data"]["version"] = format!("{:04}", self.version % 10_000).into();
        self.core.observe(1, &secret.to_string())?;
        let begin = Instant::now();
        let begun = self.core.begin().ok_or("the primary is due")?;
        let (primary, seen) = Core::<BundleOperator<Silent>>::snapshot(&begun);
        let seconds = begin.elapsed().as_secs_f64();
        let BundleSnapshot { secrets, pods, services, config_maps, deployments } = &seen;
        let found = secrets.len() + pods.len() + services.len() + config_maps.len() + deployments.len();
        if primary.metadata.name.as_deref() != Some(setting.primary) {
            return Err("another primary is due".into());
        }
        self.core.end(begun);
        Ok((found, seconds))
    }
}

/// All objects of a kind in the cluster as the API server sends them, and the version of the list.
async fn list<K: Resource<DynamicType = ()>>(client: &Client) -> Result<(u64, Vec<Value>), BoxError> {
    let request = http::Request::get(K::url_path(&(), None)).body(Vec::new())?;
    let mut list: Value = client.request(request).await?;
    let version = list["metadata"]["resourceVersion"].as_str().unwrap_or_default().parse()?;
    let Value::Array(items) = list["items"].take() else { return Err("a list has items".into()) };
    Ok((version, items))
}
