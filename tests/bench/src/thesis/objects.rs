//! A primary of the thesis' table, and its secondaries: Secrets, Pods, Services, ConfigMaps and Deployments, in this order.

use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::{ConfigMap, Pod, Secret, Service};
use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition;
use kube::api::PostParams;
use kube::{Api, Client, CustomResource, CustomResourceExt, Resource};
use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use steersman::Operator;

use crate::BoxError;
use crate::scale::create as create_all;
use crate::wait::eventually;

/// The label by which a plain client finds the secondaries of a primary.
pub(super) const LABEL: &str = "app.kubernetes.io/instance";

/// Five kinds of secondaries.
#[derive(CustomResource, Operator, Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[kube(group = "bench.steersman.dev", version = "v1", kind = "Bundle", namespaced)]
#[operator(resync = "off")]
#[secondary(Secret, read_only)]
#[secondary(Pod, read_only)]
#[secondary(Service, read_only)]
#[secondary(ConfigMap, read_only)]
#[secondary(Deployment, read_only)]
pub(crate) struct BundleSpec {
    pub(crate) size: u32,
}

/// A primary with so many secondaries of each of so many kinds.
#[derive(Clone, Copy, Debug)]
pub(super) struct Setting {
    pub(super) scenario: &'static str,
    pub(super) primary: &'static str,
    pub(super) kinds: usize,
    pub(super) each: usize,
}

pub(super) const SETTINGS: [Setting; 3] = [
    Setting { scenario: "thesis-1x100", primary: "one-by-100", kinds: 1, each: 100 },
    Setting { scenario: "thesis-1x1000", primary: "one-by-1000", kinds: 1, each: 1_000 },
    Setting { scenario: "thesis-5x20", primary: "five-by-20", kinds: 5, each: 20 },
];
/// Others in the same cluster, of 5 × 20.
const OTHERS: usize = 48;

impl Setting {
    /// How many secondaries there are.
    pub(super) fn count(&self) -> usize {
        self.kinds * self.each
    }
}

/// The primaries and all their secondaries: 6,000 objects.
pub(super) async fn create(client: &Client, namespace: &str) -> Result<(), BoxError> {
    let definitions = Api::<CustomResourceDefinition>::all(client.clone());
    definitions.create(&PostParams::default(), &Bundle::crd()).await?;
    let bundles = Api::<Bundle>::namespaced(client.clone(), namespace);
    let patience = std::time::Duration::from_secs(30);
    eventually("bundles are served", patience, async || bundles.list(&Default::default()).await.is_ok()).await?;
    for Setting { primary, kinds, each, .. } in SETTINGS {
        furnish(client, namespace, primary, kinds, each).await?;
    }
    for number in 0..OTHERS {
        furnish(client, namespace, &format!("other-{number}"), 5, 20).await?;
    }
    Ok(())
}

async fn furnish(client: &Client, namespace: &str, name: &str, kinds: usize, each: usize) -> Result<(), BoxError> {
    let bundle = Bundle::new(name, BundleSpec { size: each.try_into()? });
    let bundle = Api::<Bundle>::namespaced(client.clone(), namespace).create(&PostParams::default(), &bundle).await?;
    let owner = bundle.controller_owner_ref(&()).ok_or("the API server gives a uid")?;
    let metadata = |number: usize| json!({ "name": format!("{name}-{number}"), "labels": { LABEL: name }, "ownerReferences": [owner] });
    let template = json!({
        "metadata": { "labels": { LABEL: name } },
        "spec": { "containers": [{ "name": "app", "image": "web:1", "ports": [{ "containerPort": 8080 }] }] },
    });
    let place = Place { client, namespace, each, metadata };
    let bodies = [
        json!({ "stringData": { "password": "x".repeat(64) } }),
        json!({ "spec": template["spec"] }),
        // There are not so many addresses.
        json!({ "spec": { "clusterIP": "None", "selector": { LABEL: name }, "ports": [{ "port": 80 }] } }),
        json!({ "data": { "app.conf": "listen = 8080\n".repeat(8) } }),
        json!({ "spec": { "replicas": 2, "selector": { "matchLabels": { LABEL: name } }, "template": template } }),
    ];
    let [secret, pod, service, config_map, deployment] = bodies;
    place.create::<Secret>(&secret).await?;
    if kinds == 1 {
        return Ok(());
    }
    place.create::<Pod>(&pod).await?;
    place.create::<Service>(&service).await?;
    place.create::<ConfigMap>(&config_map).await?;
    place.create::<Deployment>(&deployment).await
}

/// Where the secondaries of one primary go.
struct Place<'a, F> {
    client: &'a Client,
    namespace: &'a str,
    each: usize,
    metadata: F,
}

impl<F: Fn(usize) -> Value> Place<'_, F> {
    async fn create<K>(&self, body: &Value) -> Result<(), BoxError>
    where
        K: Resource<DynamicType = (), Scope = k8s_openapi::NamespaceResourceScope>
            + Clone
            + std::fmt::Debug
            + Serialize
            + DeserializeOwned,
    {
        let object = |number| {
            let mut object = body.clone();
            object["metadata"] = (self.metadata)(number);
            serde_json::from_value::<K>(object)
        };
        let objects = (0..self.each).map(object).collect::<Result<Vec<K>, _>>()?;
        create_all(self.client, self.namespace, objects).await
    }
}
