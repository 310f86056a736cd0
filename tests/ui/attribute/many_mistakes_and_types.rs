//! Mistakes of syntax do not hide those that only the types tell.

use k8s_openapi::api::apps::v1::{Deployment, DeploymentSpec};
use k8s_openapi::api::core::v1::{ConfigMap, Namespace, Secret, Service};
use k8s_openapi::api::rbac::v1::ClusterRole;
use kube::CustomResource;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use steersman::Operator;

#[derive(CustomResource, Operator, Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[kube(group = "demo.steersman.dev", version = "v1", kind = "WebApp", namespaced)]
#[operator(finalizer = "cleanup", predicate = any(spec_changed, label))]
#[secondary(ConfigMap, one, predicate = generation_changed, handlr)]
#[secondary(Secret, predicate = any(changed(|secret| secret.dat), spec_changed, nothing))]
#[secondary(Deployment, handler, predicate = generation_changed)]
#[secondary(ClusterRole)]
#[secondary(DeploymentSpec, label = "a b")]
#[secondary(Service, reference = spec.srvice)]
#[secondary(Namespace, map = |namespace| namespace.spec.clone(), metadata)]
pub struct WebAppSpec {
    service: String,
}

fn main() {}
