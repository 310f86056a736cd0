//! What a WebApp has to come to, whichever operator has seen to it.

use std::collections::BTreeMap;

use examples::webapp::api::{WebApp, WebAppStatus, readiness};
use examples::webapp::desired;
use k8s_openapi::NamespaceResourceScope;
use k8s_openapi::api::apps::v1::{Deployment, ReplicaSet};
use k8s_openapi::api::core::v1::{ConfigMap, Pod, Service};
use kube::api::ListParams;
use kube::{Api, Client, Resource, ResourceExt};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::BoxError;

const FINALIZER: &str = "demo.steersman.dev/cleanup";

/// All that is in a namespace, freshly read.
struct Found {
    deployments: BTreeMap<String, Deployment>,
    services: BTreeMap<String, Service>,
    config_maps: BTreeMap<String, ConfigMap>,
    replica_sets: BTreeMap<String, ReplicaSet>,
    pods: BTreeMap<String, Pod>,
}

/// What is wrong with the WebApps of a namespace, one line for each fault. Empty if all are as they have to be.
pub(crate) async fn faults(client: &Client, namespace: &str, is_wide: bool) -> Result<Vec<String>, BoxError> {
    let apps = list::<WebApp>(client, namespace).await?;
    let found = Found {
        deployments: list(client, namespace).await?,
        services: list(client, namespace).await?,
        config_maps: list(client, namespace).await?,
        replica_sets: if is_wide { list(client, namespace).await? } else { BTreeMap::new() },
        pods: if is_wide { list(client, namespace).await? } else { BTreeMap::new() },
    };
    let mut faults: Vec<String> = apps.values().flat_map(|app| of(app, &found, is_wide)).collect();
    let maps = apps.len() * 2;
    let counts = [("Deployments", found.deployments.len(), apps.len()), ("Services", found.services.len(), apps.len())];
    for (kind, is, ought) in counts.into_iter().chain([("ConfigMaps", found.config_maps.len(), maps)]) {
        if is != ought {
            faults.push(format!("there are {is} {kind} instead of {ought}"));
        }
    }
    Ok(faults)
}

fn of(app: &WebApp, found: &Found, is_wide: bool) -> Vec<String> {
    let name = app.name_any();
    let mut faults = Vec::new();
    faults.extend(child(app, &desired::deployment(app), &found.deployments));
    faults.extend(child(app, &desired::service(app), &found.services));
    for map in desired::config_maps(app) {
        faults.extend(child(app, &map, &found.config_maps));
    }
    if !app.finalizers().iter().any(|finalizer| finalizer == FINALIZER) {
        faults.push(format!("WebApp {name} has no finalizer"));
    }
    let Some(deployment) = found.deployments.get(&name) else { return faults };
    let pods = is_wide.then(|| ready_pods(deployment, found));
    let ought = status(app, deployment, pods);
    if app.status.as_ref() != Some(&ought) {
        faults.push(format!("the status of WebApp {name} is {:?} instead of {ought:?}", app.status));
    }
    faults
}

/// The status that a WebApp has to have beside its Deployment and, for the wide operator, its number of ready Pods.
pub(crate) fn status(app: &WebApp, deployment: &Deployment, ready_pods: Option<i32>) -> WebAppStatus {
    let (ready_replicas, ready) = readiness(deployment);
    let observed_generation = app.metadata.generation.unwrap_or_default();
    let (ready_replicas, ready) = match ready_pods {
        Some(pods) => (pods, ready && pods == app.spec.replicas),
        None => (ready_replicas, ready),
    };
    WebAppStatus { ready, ready_replicas, observed_generation }
}

/// The Pods of a Deployment that are ready and not about to go.
fn ready_pods(deployment: &Deployment, found: &Found) -> i32 {
    let owned = |uid: Option<&str>, of: Option<String>| uid.is_some() && uid.map(str::to_owned) == of;
    let sets = found.replica_sets.values().filter(|set| owned(controller(*set), deployment.uid()));
    let sets: Vec<Option<String>> = sets.map(|set| set.uid()).collect();
    let pods = found.pods.values().filter(|pod| {
        pod.metadata.deletion_timestamp.is_none()
            && is_ready(pod)
            && sets.iter().any(|set| owned(controller(*pod), set.clone()))
    });
    i32::try_from(pods.count()).unwrap_or(i32::MAX)
}

fn is_ready(pod: &Pod) -> bool {
    let conditions = pod.status.iter().flat_map(|status| status.conditions.iter().flatten());
    conditions.into_iter().any(|condition| condition.type_ == "Ready" && condition.status == "True")
}

/// The uid of the owner that controls an object.
fn controller<K: ResourceExt>(object: &K) -> Option<&str> {
    let owners = object.owner_references().iter();
    owners.filter(|owner| owner.controller == Some(true)).map(|owner| &*owner.uid).next()
}

/// What is wrong with one child.
fn child<K>(app: &WebApp, desired: &K, found: &BTreeMap<String, K>) -> Option<String>
where
    K: Resource<DynamicType = ()> + Serialize,
{
    let (kind, name) = (K::kind(&()), desired.name_any());
    let Some(found) = found.get(&name) else { return Some(format!("{kind} {name} is missing")) };
    if controller(found).map(str::to_owned) != app.uid() {
        return Some(format!("{kind} {name} is not controlled by WebApp {}", app.name_any()));
    }
    let json = |object: &K| serde_json::to_value(object).unwrap_or_default();
    let path = missing(&json(desired), &json(found))?;
    Some(format!("{kind} {name} differs in {path}"))
}

/// Where `found` does not have what `desired` says; what it has beyond that does not matter, but for the data of a ConfigMap.
fn missing(desired: &Value, found: &Value) -> Option<String> {
    match (desired, found) {
        (Value::Object(desired), Value::Object(found)) => desired.iter().find_map(|(key, desired)| {
            let path = match found.get(key) {
                Some(found) if key != "data" || found == desired => missing(desired, found)?,
                _ => String::new(),
            };
            Some(format!(".{key}{path}"))
        }),
        (Value::Array(desired), Value::Array(found)) if desired.len() == found.len() => {
            let pairs = desired.iter().zip(found).enumerate();
            pairs.into_iter().find_map(|(i, (desired, found))| Some(format!("[{i}]{}", missing(desired, found)?)))
        }
        _ if desired == found => None,
        _ => Some(String::new()),
    }
}

async fn list<K>(client: &Client, namespace: &str) -> Result<BTreeMap<String, K>, BoxError>
where
    K: Resource<DynamicType = (), Scope = NamespaceResourceScope> + Clone + std::fmt::Debug + DeserializeOwned,
{
    let all = Api::<K>::namespaced(client.clone(), namespace).list(&ListParams::default()).await?;
    Ok(all.items.into_iter().map(|object| (object.name_any(), object)).collect())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::missing;

    #[test]
    fn what_is_missing_is_found_by_its_path() {
        let desired = json!({ "spec": { "ports": [{ "port": 80 }] }, "data": { "a": "1" } });
        assert_eq!(missing(&desired, &desired), None);
        let more = json!({ "spec": { "ports": [{ "port": 80, "protocol": "TCP" }], "type": "ClusterIP" }, "data": { "a": "1" } });
        assert_eq!(missing(&desired, &more), None);
        let other = json!({ "spec": { "ports": [{ "port": 81 }] }, "data": { "a": "1" } });
        assert_eq!(missing(&desired, &other).as_deref(), Some(".spec.ports[0].port"));
        let changed = json!({ "spec": { "ports": [{ "port": 80 }] }, "data": { "a": "1", "b": "2" } });
        assert_eq!(missing(&desired, &changed).as_deref(), Some(".data"));
        assert_eq!(missing(&desired, &json!({ "data": { "a": "1" } })).as_deref(), Some(".spec"));
    }
}
