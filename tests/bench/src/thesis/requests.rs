//! What an operator without caches does: a GET of the primary and a LIST by label of each kind.

use futures::future::try_join5;
use k8s_openapi::NamespaceResourceScope;
use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::{ConfigMap, Pod, Secret, Service};
use kube::api::ListParams;
use kube::{Api, Client, Resource};
use serde::de::DeserializeOwned;

use crate::thesis::objects::{Bundle, LABEL, Setting};

pub(super) async fn one_after_another(
    client: &Client,
    namespace: &str,
    setting: &Setting,
) -> Result<usize, kube::Error> {
    get(client, namespace, setting).await?;
    let mut found = list::<Secret>(client, namespace, setting).await?;
    if setting.kinds > 1 {
        found += list::<Pod>(client, namespace, setting).await?;
        found += list::<Service>(client, namespace, setting).await?;
        found += list::<ConfigMap>(client, namespace, setting).await?;
        found += list::<Deployment>(client, namespace, setting).await?;
    }
    Ok(found)
}

pub(super) async fn at_once(client: &Client, namespace: &str, setting: &Setting) -> Result<usize, kube::Error> {
    let (primary, secrets) = (get(client, namespace, setting), list::<Secret>(client, namespace, setting));
    if setting.kinds == 1 {
        return futures::future::try_join(primary, secrets).await.map(|(_, found)| found);
    }
    let others = try_join5(
        secrets,
        list::<Pod>(client, namespace, setting),
        list::<Service>(client, namespace, setting),
        list::<ConfigMap>(client, namespace, setting),
        list::<Deployment>(client, namespace, setting),
    );
    let (_, (a, b, c, d, e)) = futures::future::try_join(primary, others).await?;
    Ok(a + b + c + d + e)
}

async fn get(client: &Client, namespace: &str, setting: &Setting) -> Result<Bundle, kube::Error> {
    Api::<Bundle>::namespaced(client.clone(), namespace).get(setting.primary).await
}

async fn list<K>(client: &Client, namespace: &str, setting: &Setting) -> Result<usize, kube::Error>
where
    K: Resource<DynamicType = (), Scope = NamespaceResourceScope> + Clone + std::fmt::Debug + DeserializeOwned,
{
    let parameters = ListParams::default().labels(&format!("{LABEL}={}", setting.primary));
    Ok(Api::<K>::namespaced(client.clone(), namespace).list(&parameters).await?.items.len())
}
