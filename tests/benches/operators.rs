//! The operators that are measured.

use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::{ConfigMap, Secret, Service};
use k8s_openapi::api::networking::v1::NetworkPolicy;
use kube::CustomResource;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use steersman::Operator;

/// The group of all of them.
pub(crate) const GROUP: &str = "bench.steersman.dev";

/// Five kinds of children.
#[derive(CustomResource, Operator, Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[kube(group = "bench.steersman.dev", version = "v1", kind = "Site", namespaced)]
#[operator(resync = "off")]
#[secondary(Deployment, read_only)]
#[secondary(Service, read_only)]
#[secondary(ConfigMap, read_only)]
#[secondary(Secret, read_only)]
#[secondary(NetworkPolicy, read_only)]
pub(crate) struct SiteSpec {
    pub(crate) size: u64,
}

/// One kind of children.
#[derive(CustomResource, Operator, Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[kube(group = "bench.steersman.dev", version = "v1", kind = "Page", namespaced)]
#[operator(resync = "off")]
#[secondary(Deployment, read_only)]
pub(crate) struct PageSpec {
    pub(crate) size: u64,
}

/// No children.
#[derive(CustomResource, Operator, Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[kube(group = "bench.steersman.dev", version = "v1", kind = "Point", namespaced)]
#[operator(resync = "off")]
pub(crate) struct PointSpec {
    pub(crate) size: u64,
}

/// One small child.
#[derive(CustomResource, Operator, Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[kube(group = "bench.steersman.dev", version = "v1", kind = "Folder", namespaced)]
#[operator(resync = "off")]
#[secondary(ConfigMap, read_only)]
pub(crate) struct FolderSpec {
    pub(crate) size: u64,
}
