//! Many objects.

use std::ops::Range;
use std::time::{Duration, Instant};

use examples::webapp::api::{WebApp, WebAppSpec};
use futures::{StreamExt, TryStreamExt, stream};
use k8s_openapi::ByteString;
use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::{ConfigMap, Secret, Service};
use kube::api::{ListParams, ObjectMeta, PostParams};
use kube::{Api, Client, Resource};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::BoxError;

/// How many requests are under way at once.
const AT_ONCE: usize = 32;
/// The payload of a foreign object.
const PAYLOAD: usize = 4096;
const POLL: Duration = Duration::from_millis(100);

pub(super) async fn web_apps(client: &Client, namespace: &str, numbers: Range<usize>) -> Result<(), BoxError> {
    let spec = WebAppSpec { image: "web:1".into(), replicas: 2, port: 8080, tier: None, files: None };
    create(client, namespace, numbers.map(|number| WebApp::new(&format!("web-{number}"), spec.clone()))).await
}

/// ConfigMaps and Secrets that are nobody's, so many of each.
pub(crate) async fn foreign(client: &Client, namespace: &str, count: usize) -> Result<(), BoxError> {
    let metadata = |number| ObjectMeta { name: Some(format!("foreign-{number}")), ..ObjectMeta::default() };
    let config_maps = (0..count).map(|number| ConfigMap {
        metadata: metadata(number),
        data: Some([("payload".to_owned(), "x".repeat(PAYLOAD))].into()),
        ..ConfigMap::default()
    });
    create(client, namespace, config_maps).await?;
    let secrets = (0..count).map(|number| Secret {
        metadata: metadata(number),
        data: Some([("payload".to_owned(), ByteString(vec![b'x'; PAYLOAD]))].into()),
        ..Secret::default()
    });
    create(client, namespace, secrets).await
}

pub(crate) async fn create<K>(
    client: &Client,
    namespace: &str,
    objects: impl IntoIterator<Item = K>,
) -> Result<(), BoxError>
where
    K: Resource<DynamicType = (), Scope = k8s_openapi::NamespaceResourceScope>
        + Clone
        + std::fmt::Debug
        + Serialize
        + DeserializeOwned,
{
    let api = Api::<K>::namespaced(client.clone(), namespace);
    let created = stream::iter(objects).map(|object| {
        let api = api.clone();
        async move { api.create(&PostParams::default(), &object).await.map(|_| ()) }
    });
    Ok(created.buffer_unordered(AT_ONCE).try_collect::<()>().await?)
}

/// Waits until so many WebApps have all their objects, or for so long; returns how many have them.
pub(super) async fn furnished(
    client: &Client,
    namespace: &str,
    size: usize,
    patience: Duration,
) -> Result<usize, BoxError> {
    let begin = Instant::now();
    loop {
        let deployments = count::<Deployment>(client, namespace).await?;
        let services = count::<Service>(client, namespace).await?;
        let config_maps = count::<ConfigMap>(client, namespace).await?;
        let furnished = deployments.min(services).min(config_maps / 2);
        if furnished >= size || begin.elapsed() > patience {
            return Ok(furnished);
        }
        tokio::time::sleep(POLL).await;
    }
}

/// How many there are. It costs the API server next to nothing: it lists one and counts the rest.
async fn count<K>(client: &Client, namespace: &str) -> Result<usize, BoxError>
where
    K: Resource<DynamicType = (), Scope = k8s_openapi::NamespaceResourceScope>
        + Clone
        + std::fmt::Debug
        + DeserializeOwned,
{
    let list = Api::<K>::namespaced(client.clone(), namespace).list(&ListParams::default().limit(1)).await?;
    let rest = list.metadata.remaining_item_count.unwrap_or_default();
    Ok(list.items.len() + usize::try_from(rest)?)
}
