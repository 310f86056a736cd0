//! The wide operator, which also follows ReplicaSets and Pods, under a rolling update.

use examples::webapp::api::WebApp;
use k8s_openapi::api::apps::v1::Deployment;
use kube::api::{Patch, PatchParams};
use serde_json::json;

use super::changes::are_complete;
use super::{DEADLINE, creation};
use crate::BoxError;
use crate::measurement::{figure, scenario};
use crate::stage::Stage;
use crate::wait::until;
use crate::watched::Observer;

/// So many WebApps.
const WEB_APPS: usize = 5;
const REPLICAS: i32 = 3;
const IMAGE: &str = "web:2";

/// WebApps of 3 replicas are created, get another image, and go.
pub(crate) async fn all(stage: &mut Stage<'_>) -> Result<(), BoxError> {
    let begun = stage.begin(scenario::WIDE_CREATION).await?;
    let names: Vec<String> = (0..WEB_APPS).map(|i| format!("wide-{i}")).collect();
    creation::create(stage, &begun, &names, REPLICAS).await?;
    stage.finish(&begun).await?;

    let begun = stage.begin(scenario::WIDE_ROLLOUT).await?;
    let (apps, image) = (stage.api::<WebApp>(), Patch::Merge(json!({ "spec": { "image": IMAGE } })));
    stage
        .each(names.clone(), async |name| apps.patch(&name, &PatchParams::default(), &image).await.map(|_| ()))
        .await?;
    let observer = &stage.observer;
    let is_over = until(DEADLINE, async || is_over(observer, &names)).await;
    let lost = observer.apps.now().values().filter(|app| !creation::is_ready(app, REPLICAS)).count();
    stage.write(&begun, figure::LOST, lost as f64);
    if !is_over {
        stage.failed(format!("the rolling update of the wide operator is not over after {DEADLINE:?}"));
    }
    stage.finish(&begun).await?;
    stage.check("at the end of a rolling update of the wide operator").await?;
    stage.delete_all().await?;
    stage.process.stop().await
}

/// Whether every Deployment is complete with the new image, without Pods of the old one, and every status says so.
fn is_over(observer: &Observer, names: &[String]) -> bool {
    let is_new = |deployment: &Deployment| {
        let containers = deployment.spec.template.spec.iter().flat_map(|pod| &pod.containers);
        containers.into_iter().any(|container| container.image.as_deref() == Some(IMAGE))
    };
    observer.deployments.now().values().all(|deployment| is_new(deployment))
        && are_complete(observer, names)
        && observer.pods.now().len() == WEB_APPS * REPLICAS as usize
        && observer.apps.now().values().all(|app| creation::is_ready(app, REPLICAS))
}
