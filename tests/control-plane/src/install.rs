//! Definitions of kinds.

use std::time::Duration;

use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition;
use kube::api::{ApiResource, DynamicObject, ListParams, Patch, PatchParams};
use kube::{Api, Client};

use crate::{Error, eventually};

const PATIENCE: Duration = Duration::from_secs(60);

/// Installs the definition of a kind, or changes the installed one, and waits until its objects are served, which is some time after
/// it is said to be established.
///
/// # Errors
/// If the API server refuses.
///
/// # Panics
/// If the objects are not served within a minute.
pub async fn install(client: &Client, definition: CustomResourceDefinition) -> Result<(), Error> {
    let api = Api::<CustomResourceDefinition>::all(client.clone());
    let name = definition.metadata.name.clone().unwrap_or_default();
    let apply = PatchParams::apply("steersman-control-plane").force();
    api.patch(&name, &apply, &Patch::Apply(&definition)).await.map_err(Error::api("install a definition"))?;
    let spec = &definition.spec;
    for version in spec.versions.iter().filter(|version| version.served) {
        let resource = ApiResource {
            group: spec.group.clone(),
            api_version: format!("{}/{}", spec.group, version.name),
            version: version.name.clone(),
            kind: spec.names.kind.clone(),
            plural: spec.names.plural.clone(),
        };
        let objects = Api::<DynamicObject>::all_with(client.clone(), &resource);
        let one = ListParams::default().limit(1);
        eventually(PATIENCE, &format!("{name} is served"), async || objects.list(&one).await.is_ok()).await;
    }
    Ok(())
}
