//! Installing CustomResourceDefinitions.

use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition;
use kube::api::{ApiResource, DeleteParams, DynamicObject, ListParams, Patch, PatchParams};
use kube::{Api, Client};

use crate::eventually;

/// Installs a definition, or changes the installed one, and waits until its objects are served.
///
/// # Panics
/// If the API server refuses.
pub async fn install(client: &Client, crd: CustomResourceDefinition) {
    let api = Api::<CustomResourceDefinition>::all(client.clone());
    let name = crd.metadata.name.clone().expect("a definition has a name");
    let apply = PatchParams::apply("tests").force();
    api.patch(&name, &apply, &Patch::Apply(&crd)).await.expect("the definition is accepted");
    let spec = &crd.spec;
    let version = spec.versions[0].name.clone();
    let resource = ApiResource {
        group: spec.group.clone(),
        api_version: format!("{}/{version}", spec.group),
        version,
        kind: spec.names.kind.clone(),
        plural: spec.names.plural.clone(),
    };
    let objects = Api::<DynamicObject>::all_with(client.clone(), &resource);
    let one = ListParams::default().limit(1);
    eventually(&format!("{name} is served"), async || objects.list(&one).await.is_ok()).await;
}

/// Removes a definition with all its objects, and waits until it is gone.
///
/// # Panics
/// If the API server refuses.
pub async fn uninstall(client: &Client, name: &str) {
    let api = Api::<CustomResourceDefinition>::all(client.clone());
    api.delete(name, &DeleteParams::default()).await.expect("the definition can be deleted");
    eventually(&format!("{name} is gone"), async || matches!(api.get_opt(name).await, Ok(None))).await;
}
