//! What belongs to a gateway, and what its objects look like.

use std::collections::BTreeMap;

use k8s_openapi::api::apps::v1::{Deployment, DeploymentSpec};
use k8s_openapi::api::core::v1::{
    ConfigMap, ConfigMapVolumeSource, Container, ContainerPort, PodSpec, PodTemplateSpec, Service, ServicePort,
    ServiceSpec, Volume, VolumeMount,
};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::LabelSelector;
use kube::ResourceExt;
use kube::core::ObjectMeta;

use super::api::{GatewaysSnapshot, HOST};
use super::gateway_api::{From, Gateway, ServiceMonitor, ServiceMonitorSpec};

/// Where the requests for each host go.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Routes {
    /// Hosts with their targets.
    pub table: BTreeMap<String, String>,
    /// Who came too late for a host, or has none.
    pub rejected: Vec<String>,
}

/// All routes of a gateway, those of HTTPRoutes first, in the order of their names.
pub fn routes(gateway: &Gateway, seen: &GatewaysSnapshot) -> Routes {
    let mut routes = Routes::default();
    for route in seen.routes.as_ref().served().into_iter().flatten().filter(|route| admits(gateway, &***route)) {
        let backend = route.spec.rules.iter().flat_map(|rule| &rule.backend_refs).next();
        let target = backend.map(|backend| target(&backend.name, &route.namespace().unwrap_or_default(), backend.port));
        routes.add(&format!("HTTPRoute {}", named(&**route)), &route.spec.hostnames, target);
    }
    for service in seen.backends.iter().filter(|service| admits(gateway, &***service)) {
        let hosts: Vec<_> = service.annotations().get(HOST).cloned().into_iter().collect();
        let ports = service.spec.as_ref().and_then(|spec| spec.ports.as_ref());
        let port = ports.and_then(|ports| ports.first()).map(|port| port.port);
        let target = port.map(|port| target(&service.name_any(), &service.namespace().unwrap_or_default(), port));
        routes.add(&format!("Service {}", named(&**service)), &hosts, target);
    }
    routes
}

impl Routes {
    fn add(&mut self, who: &str, hosts: &[String], target: Option<String>) {
        let free = hosts.iter().all(|host| !self.table.contains_key(host));
        match target {
            Some(target) if free && !hosts.is_empty() => {
                self.table.extend(hosts.iter().map(|host| (host.clone(), target.clone())));
            }
            _ => self.rejected.push(who.to_owned()),
        }
    }
}

/// Whether the gateway wants routes from the namespace of this object.
fn admits(gateway: &Gateway, object: &impl ResourceExt) -> bool {
    let from_all = |from: From| from == From::All;
    let mut listeners = gateway.spec.listeners.iter();
    object.namespace() == gateway.namespace()
        || listeners
            .any(|listener| listener.allowed_routes.as_ref().is_some_and(|routes| from_all(routes.namespaces.from)))
}

fn target(service: &str, namespace: &str, port: i32) -> String {
    format!("http://{service}.{namespace}.svc:{port}")
}

fn named(object: &impl ResourceExt) -> String {
    format!("{}/{}", object.namespace().unwrap_or_default(), object.name_any())
}

/// The ConfigMap with the routes.
pub fn config_map(gateway: &Gateway, routes: &Routes) -> ConfigMap {
    let lines = routes.table.iter().map(|(host, target)| format!("{host} {target}\n"));
    ConfigMap {
        metadata: metadata(gateway),
        data: Some(BTreeMap::from([("routes".to_owned(), lines.collect())])),
        ..ConfigMap::default()
    }
}

/// The Deployment that serves them.
pub fn deployment(gateway: &Gateway) -> Deployment {
    let ports = gateway.spec.listeners.iter();
    let ports = ports.map(|listener| ContainerPort { container_port: listener.port, ..Default::default() }).collect();
    let mount = VolumeMount { name: "routes".to_owned(), mount_path: "/routes".to_owned(), ..Default::default() };
    let container = Container {
        name: "proxy".to_owned(),
        image: Some("registry.example.com/proxy:1".to_owned()),
        ports: Some(ports),
        volume_mounts: Some(vec![mount]),
        ..Container::default()
    };
    let volume = Volume {
        name: "routes".to_owned(),
        config_map: Some(ConfigMapVolumeSource { name: object_name(gateway), ..Default::default() }),
        ..Volume::default()
    };
    let pod = PodSpec { containers: vec![container], volumes: Some(vec![volume]), ..PodSpec::default() };
    Deployment {
        metadata: metadata(gateway),
        spec: DeploymentSpec {
            replicas: Some(2),
            selector: selector(gateway),
            template: PodTemplateSpec {
                metadata: Some(ObjectMeta { labels: Some(labels(gateway)), ..ObjectMeta::default() }),
                spec: Some(pod),
            },
            ..DeploymentSpec::default()
        },
        ..Deployment::default()
    }
}

/// The Service in front of it.
pub fn front(gateway: &Gateway) -> Service {
    let ports = gateway.spec.listeners.iter().map(|listener| ServicePort {
        name: Some(listener.name.clone()),
        port: listener.port,
        ..ServicePort::default()
    });
    let spec = ServiceSpec { selector: Some(labels(gateway)), ports: Some(ports.collect()), ..ServiceSpec::default() };
    Service { metadata: metadata(gateway), spec: Some(spec), ..Service::default() }
}

/// What Prometheus is told of it.
pub fn monitor(gateway: &Gateway) -> ServiceMonitor {
    let ports = gateway.spec.listeners.iter();
    let endpoints = ports.map(|listener| BTreeMap::from([("port".to_owned(), listener.name.clone())])).collect();
    let spec = ServiceMonitorSpec { selector: selector(gateway), endpoints };
    ServiceMonitor { metadata: metadata(gateway), spec }
}

fn metadata(gateway: &Gateway) -> ObjectMeta {
    ObjectMeta { name: Some(object_name(gateway)), labels: Some(labels(gateway)), ..ObjectMeta::default() }
}

fn object_name(gateway: &Gateway) -> String {
    format!("{}-gateway", gateway.name_any())
}

fn selector(gateway: &Gateway) -> LabelSelector {
    LabelSelector { match_labels: Some(labels(gateway)), ..LabelSelector::default() }
}

fn labels(gateway: &Gateway) -> BTreeMap<String, String> {
    BTreeMap::from([("gateway.networking.k8s.io/gateway-name".to_owned(), gateway.name_any())])
}
