//! What the operators watch. All primaries are defined elsewhere.

use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::{ConfigMap, Service};
use kube::ResourceExt;
use steersman::{ObjectRef, Operator, ready};

use super::gateway_api::{Gateway, GatewayClass, HTTPRoute, ServiceMonitor};

/// The controller that a class has to name to be ours.
pub const CONTROLLER: &str = "gateway.demo.steersman.dev/controller";
/// The annotation of a Service with the host under which it is reached, beside the one that names its gateway.
pub const HOST: &str = "gateway.demo.steersman.dev/host";

/// Accepts classes.
#[derive(Operator, Debug)]
#[operator(primary = "GatewayClass", filter = is_ours)]
#[secondary(Gateway, map = class_of, unbounded, predicate = changed(|gateway| &gateway.spec.gateway_class_name))]
pub struct Classes;

/// Runs gateways: a ConfigMap with all routes, a Deployment that serves them, and a Service in front of it.
///
/// Routes come from Services that name the gateway in an annotation, as `namespace/name`, and from HTTPRoutes.
#[derive(Operator, Debug)]
#[operator(primary = "Gateway")]
#[secondary(GatewayClass, one, name = class, reference = |gateway| &gateway.spec.gateway_class_name, predicate = spec_changed)]
#[secondary(Service, name = backends, annotation = "gateway.demo.steersman.dev/gateway", cross_namespace)]
#[secondary(HTTPRoute, name = routes, map = gateways_of, unbounded, optional)]
#[secondary(ConfigMap, one)]
#[secondary(Deployment, one, predicate = any(spec_changed, changed(ready::deployment)))]
#[secondary(Service, one, name = front)]
#[secondary(ServiceMonitor, one, name = monitor, optional)]
pub struct Gateways;

/// Whether a class wants this controller.
pub fn is_ours(class: &GatewayClass) -> bool {
    class.spec.controller_name == CONTROLLER
}

/// The class of a gateway.
pub fn class_of(gateway: &Gateway) -> Option<ObjectRef<GatewayClass>> {
    Some(ObjectRef::new(&gateway.spec.gateway_class_name))
}

/// The gateways that a route wants to be part of.
pub fn gateways_of(route: &HTTPRoute) -> Vec<ObjectRef<Gateway>> {
    let own = route.namespace().unwrap_or_default();
    let parents = route.spec.parent_refs.iter();
    parents.map(|parent| ObjectRef::new(&parent.name).within(parent.namespace.as_ref().unwrap_or(&own))).collect()
}
