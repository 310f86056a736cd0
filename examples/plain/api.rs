//! The custom resource: that of `webapp`, without a word about what is watched.

use std::collections::BTreeMap;

use k8s_openapi::api::apps::v1::Deployment;
use kube::CustomResource;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A web application.
#[derive(CustomResource, Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[kube(group = "demo.steersman.dev", version = "v1", kind = "WebApp", namespaced, status = "WebAppStatus")]
#[serde(rename_all = "camelCase")]
pub struct WebAppSpec {
    /// The container image.
    pub image: String,
    /// How many Pods.
    #[schemars(range(min = 0))]
    pub replicas: i32,
    /// The port that the container listens on and the Service offers.
    #[schemars(range(min = 1, max = 65535))]
    pub port: i32,
    /// A label for all objects, such as `frontend`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tier: Option<String>,
    /// Files that the container finds in `/files`, by name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub files: Option<BTreeMap<String, String>>,
}

/// What the operator found.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct WebAppStatus {
    /// Whether all replicas are up to date and ready.
    pub ready: bool,
    /// How many replicas are ready.
    pub ready_replicas: i32,
    /// The generation of the spec that this status is about.
    pub observed_generation: i64,
}

/// What [`WebAppStatus`] says of a Deployment: how many replicas are ready, and whether it is complete. It is when the
/// Deployment controller has observed what is asked for, and all replicas are up to date and ready.
pub fn readiness(deployment: &Deployment) -> (i32, bool) {
    let Some(status) = &deployment.status else { return (0, false) };
    let observed = status.observed_generation == deployment.metadata.generation;
    let counts = [status.replicas, status.updated_replicas, status.ready_replicas].map(Option::unwrap_or_default);
    (counts[2], observed && counts == [deployment.spec.replicas.unwrap_or(1); 3])
}
