//! What the objects of a [`WebApp`] look like. Their namespace and their owner are named here, since nobody else does.

use std::collections::BTreeMap;

use k8s_openapi::api::apps::v1::{Deployment, DeploymentSpec};
use k8s_openapi::api::core::v1::{
    ConfigMap, ConfigMapEnvSource, ConfigMapVolumeSource, Container, ContainerPort, EnvFromSource, PodSpec,
    PodTemplateSpec, Service, ServicePort, ServiceSpec, Volume, VolumeMount,
};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::LabelSelector;
use kube::core::ObjectMeta;
use kube::{Resource, ResourceExt};

use super::api::WebApp;

/// The label that names the [`WebApp`] on everything that belongs to it.
pub const INSTANCE: &str = "app.kubernetes.io/instance";
/// The label with its tier.
pub const COMPONENT: &str = "app.kubernetes.io/component";

/// The name of the ConfigMap with the files.
pub fn files_name(app: &WebApp) -> String {
    format!("{}-files", app.name_any())
}

/// The ConfigMaps: configuration, environment and, if there are any, files.
pub fn config_maps(app: &WebApp) -> Vec<ConfigMap> {
    let name = app.name_any();
    let port = app.spec.port.to_string();
    let config = format!("listen = {port}\n");
    let mut maps = vec![
        config_map(app, format!("{name}-config"), BTreeMap::from([("app.conf".to_owned(), config)])),
        config_map(app, format!("{name}-env"), BTreeMap::from([("PORT".to_owned(), port)])),
    ];
    maps.extend(app.spec.files.clone().map(|files| config_map(app, files_name(app), files)));
    maps
}

/// The Deployment.
pub fn deployment(app: &WebApp) -> Deployment {
    let files = app.spec.files.as_ref().map(|_| files_name(app));
    let volume = |name: String| Volume {
        name: "files".to_owned(),
        config_map: Some(ConfigMapVolumeSource { name, ..Default::default() }),
        ..Default::default()
    };
    let mount = |_| VolumeMount { name: "files".to_owned(), mount_path: "/files".to_owned(), ..Default::default() };
    let container = Container {
        name: "app".to_owned(),
        image: Some(app.spec.image.clone()),
        ports: Some(vec![ContainerPort { container_port: app.spec.port, ..Default::default() }]),
        env_from: Some(vec![EnvFromSource {
            config_map_ref: Some(ConfigMapEnvSource { name: format!("{}-env", app.name_any()), ..Default::default() }),
            ..Default::default()
        }]),
        volume_mounts: files.as_ref().map(|name| vec![mount(name)]),
        ..Default::default()
    };
    Deployment {
        metadata: metadata(app, app.name_any()),
        spec: DeploymentSpec {
            replicas: Some(app.spec.replicas),
            selector: LabelSelector { match_labels: Some(selector(app)), ..Default::default() },
            template: PodTemplateSpec {
                metadata: Some(ObjectMeta { labels: Some(labels(app)), ..Default::default() }),
                spec: Some(PodSpec {
                    containers: vec![container],
                    volumes: files.map(|name| vec![volume(name)]),
                    ..Default::default()
                }),
            },
            ..Default::default()
        },
        ..Default::default()
    }
}

/// The Service.
pub fn service(app: &WebApp) -> Service {
    Service {
        metadata: metadata(app, app.name_any()),
        spec: Some(ServiceSpec {
            selector: Some(selector(app)),
            ports: Some(vec![ServicePort { port: app.spec.port, ..Default::default() }]),
            ..Default::default()
        }),
        ..Default::default()
    }
}

fn config_map(app: &WebApp, name: String, data: BTreeMap<String, String>) -> ConfigMap {
    ConfigMap { metadata: metadata(app, name), data: Some(data), ..Default::default() }
}

fn metadata(app: &WebApp, name: String) -> ObjectMeta {
    ObjectMeta {
        name: Some(name),
        namespace: app.namespace(),
        labels: Some(labels(app)),
        owner_references: app.controller_owner_ref(&()).map(|owner| vec![owner]),
        ..Default::default()
    }
}

fn selector(app: &WebApp) -> BTreeMap<String, String> {
    BTreeMap::from([(INSTANCE.to_owned(), app.name_any())])
}

fn labels(app: &WebApp) -> BTreeMap<String, String> {
    let mut labels = selector(app);
    labels.extend(app.spec.tier.clone().map(|tier| (COMPONENT.to_owned(), tier)));
    labels
}
