//! Installing CustomResourceDefinitions.

use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition;
use kube::api::DeleteParams;
use kube::{Api, Client};

use crate::eventually;

/// Installs a definition, or changes the installed one, and waits until its objects are served.
///
/// # Panics
/// If the API server refuses.
pub async fn install(client: &Client, crd: CustomResourceDefinition) {
    steersman_control_plane::install(client, crd).await.expect("the definition is accepted");
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
