//! What others define: of the [Gateway API](https://gateway-api.sigs.k8s.io) and of the Prometheus operator, as much as this operator
//! reads and writes. A crate with all of it would do as well.

use std::collections::BTreeMap;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::{Condition, LabelSelector};
use kube::CustomResource;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A kind of gateway, and who runs those of it.
#[derive(CustomResource, Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[kube(group = "gateway.networking.k8s.io", version = "v1", kind = "GatewayClass", plural = "gatewayclasses")]
#[kube(status = "ConditionsStatus")]
#[kube(annotation("api-approved.kubernetes.io", "unapproved, a part of the original"))]
#[serde(rename_all = "camelCase")]
pub struct GatewayClassSpec {
    /// The controller's name, such as `example.com/controller`.
    pub controller_name: String,
}

/// A way into the cluster.
#[derive(CustomResource, Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[kube(group = "gateway.networking.k8s.io", version = "v1", kind = "Gateway", namespaced, status = "ConditionsStatus")]
#[kube(annotation("api-approved.kubernetes.io", "unapproved, a part of the original"))]
#[serde(rename_all = "camelCase")]
pub struct GatewaySpec {
    /// Its class.
    pub gateway_class_name: String,
    /// Where it listens.
    pub listeners: Vec<Listener>,
}

/// A port of a gateway.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Listener {
    /// Its name.
    pub name: String,
    /// The port.
    pub port: i32,
    /// `HTTP`, say.
    pub protocol: String,
    /// What may come to this port.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub allowed_routes: Option<AllowedRoutes>,
}

/// What may come to a port.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
pub struct AllowedRoutes {
    /// Of which namespaces.
    #[serde(default)]
    pub namespaces: RouteNamespaces,
}

/// Which namespaces may have routes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
pub struct RouteNamespaces {
    /// Which ones.
    #[serde(default)]
    pub from: From,
}

/// Which namespaces may have routes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
pub enum From {
    /// All.
    All,
    /// That of the gateway.
    #[default]
    Same,
}

/// A route to Services.
#[derive(CustomResource, Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[kube(group = "gateway.networking.k8s.io", version = "v1", kind = "HTTPRoute", namespaced)]
#[kube(annotation("api-approved.kubernetes.io", "unapproved, a part of the original"))]
#[serde(default, rename_all = "camelCase")]
pub struct HTTPRouteSpec {
    /// The gateways that it wants to be part of.
    pub parent_refs: Vec<ParentReference>,
    /// The hosts that it is about.
    pub hostnames: Vec<String>,
    /// Where the requests go.
    pub rules: Vec<Rule>,
}

/// A gateway.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
pub struct ParentReference {
    /// Its name.
    pub name: String,
    /// Its namespace; without it, that of the route.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
}

/// What happens to requests.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct Rule {
    /// The Services that they go to.
    pub backend_refs: Vec<Backend>,
}

/// A Service in the namespace of the route.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
pub struct Backend {
    /// Its name.
    pub name: String,
    /// Its port.
    pub port: i32,
}

/// A status of conditions.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(default)]
pub struct ConditionsStatus {
    /// The conditions.
    pub conditions: Vec<Condition>,
}

/// Tells Prometheus what to ask for metrics.
#[derive(CustomResource, Clone, Debug, Default, PartialEq, Deserialize, Serialize, JsonSchema)]
#[kube(group = "monitoring.coreos.com", version = "v1", kind = "ServiceMonitor", namespaced)]
pub struct ServiceMonitorSpec {
    /// The Services.
    pub selector: LabelSelector,
    /// Their ports.
    pub endpoints: Vec<BTreeMap<String, String>>,
}
