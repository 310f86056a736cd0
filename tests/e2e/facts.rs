//! What is said about the kinds of Kubernetes, and what the API server says.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::marker::PhantomData;

use k8s_openapi::api::admissionregistration::v1::{
    MutatingAdmissionPolicy, MutatingAdmissionPolicyBinding, MutatingWebhookConfiguration, ValidatingAdmissionPolicy,
    ValidatingAdmissionPolicyBinding, ValidatingWebhookConfiguration,
};
use k8s_openapi::api::apps::v1::{ControllerRevision, DaemonSet, Deployment, ReplicaSet, StatefulSet};
use k8s_openapi::api::autoscaling::{v1 as autoscaling_v1, v2 as autoscaling_v2};
use k8s_openapi::api::batch::v1::{CronJob, Job};
use k8s_openapi::api::certificates::v1::{CertificateSigningRequest, ClusterTrustBundle, PodCertificateRequest};
use k8s_openapi::api::coordination::v1::Lease;
use k8s_openapi::api::core::v1::{
    ConfigMap, Endpoints, Event, LimitRange, Namespace, Node, PersistentVolume, PersistentVolumeClaim, Pod,
    PodTemplate, ReplicationController, ResourceQuota, Secret, Service, ServiceAccount,
};
use k8s_openapi::api::discovery::v1::EndpointSlice;
use k8s_openapi::api::events::v1 as events;
use k8s_openapi::api::flowcontrol::v1::{FlowSchema, PriorityLevelConfiguration};
use k8s_openapi::api::networking::v1::{IPAddress, Ingress, IngressClass, NetworkPolicy, ServiceCIDR};
use k8s_openapi::api::node::v1::RuntimeClass;
use k8s_openapi::api::policy::v1::PodDisruptionBudget;
use k8s_openapi::api::rbac::v1::{ClusterRole, ClusterRoleBinding, Role, RoleBinding};
use k8s_openapi::api::resource::v1::{DeviceClass, ResourceClaim, ResourceClaimTemplate, ResourceSlice};
use k8s_openapi::api::scheduling::v1::PriorityClass;
use k8s_openapi::api::storage::v1::{
    CSIDriver, CSINode, CSIStorageCapacity, StorageClass, VolumeAttachment, VolumeAttributesClass,
};
use k8s_openapi::api::storagemigration::v1::StorageVersionMigration;
use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition;
use k8s_openapi::kube_aggregator::pkg::apis::apiregistration::v1::APIService;
use kube::api::ListParams;
use kube::{Api, Client, Resource};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use steersman::{HasData, HasGeneration, HasSpec, HasStatus};
use tests::{eventually, typed};

use crate::place;

/// What is said about one kind.
struct Said {
    group: String,
    version: String,
    kind: String,
    /// Where all its objects are listed.
    list: String,
    generation: bool,
    fields: Vec<(&'static str, bool)>,
}

fn said<K: Resource<DynamicType = ()>>(generation: bool, fields: [(&'static str, bool); 3]) -> Said {
    let [group, version, kind] = [K::group(&()), K::version(&()), K::kind(&())].map(|name| name.into_owned());
    Said { group, version, kind, list: K::url_path(&(), None), generation, fields: fields.to_vec() }
}

/// Whether the kind has the fact. What it has of its own hides what everything has.
macro_rules! has {
    ($fact:ident, $kind:ty) => {{
        struct Kind<K>(PhantomData<K>);
        #[allow(dead_code, reason = "of the two constants only one is used")]
        impl<K: $fact> Kind<K> {
            const HAS: bool = true;
        }
        #[allow(dead_code, reason = "of the two constants only one is used")]
        trait Nothing {
            const HAS: bool = false;
        }
        impl<K> Nothing for Kind<K> {}
        Kind::<$kind>::HAS
    }};
}

macro_rules! said {
    ($($kind:ty),* $(,)?) => {
        vec![$(said::<$kind>(
            has!(HasGeneration, $kind),
            [("spec", has!(HasSpec, $kind)), ("status", has!(HasStatus, $kind)), ("data", has!(HasData, $kind))],
        )),*]
    };
}

/// All stable kinds whose objects can be watched.
fn all() -> Vec<Said> {
    said![
        APIService,
        CSIDriver,
        CSINode,
        CSIStorageCapacity,
        CertificateSigningRequest,
        ClusterRole,
        ClusterRoleBinding,
        ClusterTrustBundle,
        ConfigMap,
        ControllerRevision,
        CronJob,
        CustomResourceDefinition,
        DaemonSet,
        Deployment,
        DeviceClass,
        EndpointSlice,
        Endpoints,
        Event,
        FlowSchema,
        IPAddress,
        Ingress,
        IngressClass,
        Job,
        Lease,
        LimitRange,
        MutatingAdmissionPolicy,
        MutatingAdmissionPolicyBinding,
        MutatingWebhookConfiguration,
        Namespace,
        NetworkPolicy,
        Node,
        PersistentVolume,
        PersistentVolumeClaim,
        Pod,
        PodCertificateRequest,
        PodDisruptionBudget,
        PodTemplate,
        PriorityClass,
        PriorityLevelConfiguration,
        ReplicaSet,
        ReplicationController,
        ResourceClaim,
        ResourceClaimTemplate,
        ResourceQuota,
        ResourceSlice,
        Role,
        RoleBinding,
        RuntimeClass,
        Secret,
        Service,
        ServiceAccount,
        ServiceCIDR,
        StatefulSet,
        StorageClass,
        StorageVersionMigration,
        ValidatingAdmissionPolicy,
        ValidatingAdmissionPolicyBinding,
        ValidatingWebhookConfiguration,
        VolumeAttachment,
        VolumeAttributesClass,
        autoscaling_v1::HorizontalPodAutoscaler,
        autoscaling_v2::HorizontalPodAutoscaler,
        events::Event,
    ]
}

async fn get(client: &Client, path: &str) -> Value {
    let request = http::Request::get(path).body(Vec::new()).expect("a path makes a request");
    client.request(request).await.unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The schemas of one group and version, by kind.
async fn schemas(client: &Client, group: &str, version: &str) -> BTreeMap<String, Value> {
    let root = if group.is_empty() { format!("api/{version}") } else { format!("apis/{group}/{version}") };
    let mut document = get(client, &format!("/openapi/v3/{root}")).await;
    let schemas = document["components"]["schemas"].as_object_mut().map(std::mem::take).unwrap_or_default();
    let of = |schema: &Value| {
        let kinds = schema["x-kubernetes-group-version-kind"].as_array()?;
        let here = kinds.iter().find(|kind| kind["group"] == group && kind["version"] == version)?;
        Some(here["kind"].as_str()?.to_owned())
    };
    schemas.into_iter().filter_map(|(_, schema)| Some((of(&schema)?, schema))).collect()
}

/// The groups and versions that the API server serves.
async fn served(client: &Client) -> Vec<String> {
    let groups = get(client, "/apis").await;
    let versions = groups["groups"].as_array().into_iter().flatten().flat_map(|group| group["versions"].as_array());
    versions.flatten().filter_map(|version| Some(version["groupVersion"].as_str()?.to_owned())).collect()
}

#[tokio::test]
async fn the_fields_of_kinds_are_those_of_their_schemas() {
    let place = place("the-fields-of-kinds").await;
    let served = served(&place.client).await;
    let (mut tried, mut wrong) = (0, Vec::new());
    for Said { group, version, kind, fields, .. } in all() {
        if !group.is_empty() && !served.contains(&format!("{group}/{version}")) {
            continue;
        }
        let schemas = schemas(&place.client, &group, &version).await;
        let properties =
            &schemas.get(&kind).unwrap_or_else(|| panic!("no schema of {kind} ({group}/{version})"))["properties"];
        for (field, said) in fields {
            tried += 1;
            // The content of a revision, which nobody changes.
            let meant = properties.get(field).is_some() && (kind.as_str(), field) != ("ControllerRevision", "data");
            if meant != said {
                wrong.push(format!("{kind} ({group}/{version}) has `{field}`: {meant}, said: {said}"));
            }
        }
    }
    assert_eq!(wrong, [""; 0]);
    assert!(tried > 150, "{tried}");
}

/// Objects of some kinds there are in every cluster; a Deployment has others made.
#[tokio::test]
async fn kinds_that_have_a_generation_have_it_in_each_object() {
    let place = place("kinds-that-have-a-generation").await;
    make_some(&place.client, &place.namespace).await;
    let served = served(&place.client).await;
    let (mut found, mut wrong) = (0, Vec::new());
    for Said { group, version, kind, list, generation, .. } in all() {
        if !group.is_empty() && !served.contains(&format!("{group}/{version}")) {
            continue;
        }
        let items = get(&place.client, &list).await["items"].take();
        let without = |item: &&Value| item["metadata"]["generation"].as_i64().is_none();
        for item in items.as_array().into_iter().flatten() {
            found += usize::from(generation);
            // A CSIDriver gets one with its first change.
            if generation && without(&item) && kind != "CSIDriver" {
                wrong.push(format!("{kind} {} has no generation", item["metadata"]["name"]));
            }
        }
    }
    assert_eq!(wrong, [""; 0]);
    assert!(found > 20, "{found}");
}

async fn make_some(client: &Client, namespace: &str) {
    let template = json!({
        "metadata": { "labels": { "app": "web" } },
        "spec": { "containers": [{ "name": "web", "image": "web" }] },
    });
    let selector = json!({ "matchLabels": { "app": "web" } });
    let job = json!({ "spec": { "containers": [{ "name": "web", "image": "web" }], "restartPolicy": "Never" } });
    let workload = json!({ "selector": selector, "template": template, "replicas": 1 });
    let mut set = workload.clone();
    set["serviceName"] = json!("web");
    make::<Deployment>(client, namespace, workload).await;
    make::<StatefulSet>(client, namespace, set).await;
    make::<DaemonSet>(client, namespace, json!({ "selector": selector, "template": template })).await;
    make::<Job>(client, namespace, json!({ "template": job })).await;
    make::<CronJob>(
        client,
        namespace,
        json!({ "schedule": "0 0 1 1 *", "jobTemplate": { "spec": { "template": job } } }),
    )
    .await;
    make::<NetworkPolicy>(client, namespace, json!({ "podSelector": {} })).await;
    make::<PodDisruptionBudget>(client, namespace, json!({ "selector": selector, "minAvailable": 1 })).await;
    make::<Ingress>(
        client,
        namespace,
        json!({ "defaultBackend": { "service": { "name": "web", "port": { "number": 80 } } } }),
    )
    .await;
    let pods = Api::<Pod>::namespaced(client.clone(), namespace);
    eventually("there are Pods", async || {
        !pods.list(&ListParams::default()).await.expect("Pods can be listed").items.is_empty()
    })
    .await;
}

async fn make<K>(client: &Client, namespace: &str, spec: Value)
where
    K: Resource<DynamicType = (), Scope = k8s_openapi::NamespaceResourceScope>,
    K: Clone + Debug + DeserializeOwned + serde::Serialize,
{
    let object: K = typed(json!({ "metadata": { "name": "web" }, "spec": spec }));
    Api::<K>::namespaced(client.clone(), namespace)
        .create(&Default::default(), &object)
        .await
        .unwrap_or_else(|error| panic!("{}: {error}", K::kind(&())));
}
