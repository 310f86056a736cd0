//! The custom resource and what the operator watches for it.

use std::collections::BTreeMap;
use std::time::Duration;

use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::{ConfigMap, Service};
use kube::CustomResource;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use steersman::Operator;

/// A web application.
#[derive(CustomResource, Operator, Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[kube(group = "demo.steersman.dev", version = "v1", kind = "WebApp", namespaced, status = "WebAppStatus")]
#[operator(finalizer = "demo.steersman.dev/cleanup", resync = "30m")]
#[secondary(Deployment, one, handler, predicate = any(spec_changed, changed(readiness)), debounce = patience)]
#[secondary(Service, one)]
#[secondary(ConfigMap)]
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
    let counts = [status.replicas, status.updated_replicas, status.ready_replicas].map(Option::unwrap_or_default);
    (counts[2], is_observed(deployment) && counts == [deployment.spec.replicas.unwrap_or(1); 3])
}

/// How long a change of a Deployment waits for further ones. An annotation of somebody else's raises its generation, too: until
/// the Deployment controller has looked at it, nobody can tell whether it asks for anything, and mostly it does not.
pub fn patience(deployment: &Deployment) -> Duration {
    Duration::from_millis(if is_observed(deployment) { 300 } else { 3000 })
}

fn is_observed(deployment: &Deployment) -> bool {
    let observed = deployment.status.as_ref().and_then(|status| status.observed_generation);
    observed == deployment.metadata.generation
}
