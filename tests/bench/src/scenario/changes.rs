//! Deployments change by foreign hands: in what matters to nobody, and in how many Pods are ready.

use std::collections::BTreeSet;
use std::sync::Arc;

use examples::webapp::api::{WebApp, readiness as readiness_of};
use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::Pod;
use kube::api::{DeleteParams, Patch, PatchParams};
use kube::{Api, ResourceExt};
use serde_json::json;

use super::LOST_AFTER;
use crate::BoxError;
use crate::expected;
use crate::measurement::{figure, scenario};
use crate::stage::Stage;
use crate::wait::{eventually, until};
use crate::watched::Observer;

/// Each Deployment gets an annotation. That raises its generation, and the Deployment controller answers.
pub(crate) async fn irrelevant(stage: &mut Stage<'_>) -> Result<(), BoxError> {
    let begun = stage.begin(scenario::IRRELEVANT).await?;
    let deployments = stage.api::<Deployment>();
    let note = Patch::Merge(json!({ "metadata": { "annotations": { "example.com/note": "hello" } } }));
    let annotate = async |name: String| deployments.patch(&name, &PatchParams::default(), &note).await.map(|_| ());
    stage.each(stage.names(), annotate).await?;
    let seen = &stage.observer.deployments;
    eventually("the Deployment controller has seen the annotations", LOST_AFTER, async || {
        seen.now().values().all(|deployment| is_annotated(deployment) && is_observed(deployment))
    })
    .await?;
    stage.finish(&begun).await
}

fn is_annotated(deployment: &Deployment) -> bool {
    deployment.annotations().contains_key("example.com/note")
}

fn is_observed(deployment: &Deployment) -> bool {
    deployment.status.as_ref().and_then(|status| status.observed_generation) == deployment.metadata.generation
}

/// One Pod of each Deployment is deleted.
pub(crate) async fn readiness(stage: &mut Stage<'_>) -> Result<(), BoxError> {
    let begun = stage.begin(scenario::READINESS).await?;
    let (names, place) = (stage.names(), stage.observer.apps.place());
    delete_pods(stage, &names).await?;
    let observer = &stage.observer;
    let is_right = until(LOST_AFTER, async || are_right(observer, &names)).await;
    stage.finish(&begun).await?;
    let unready = |app: Arc<WebApp>| app.status.as_ref().is_some_and(|status| !status.ready);
    let entries = stage.observer.apps.since(place).into_iter();
    let shown: BTreeSet<String> =
        entries.filter(|entry| entry.object.clone().is_some_and(unready)).map(|entry| entry.name).collect();
    stage.write(&begun, figure::SHOWN, shown.len() as f64);
    let wrong = wrong(&stage.observer, &names).len();
    stage.write(&begun, figure::LOST, wrong as f64);
    if wrong > 0 || !is_right {
        stage.failed(format!("{wrong} statuses are wrong {LOST_AFTER:?} after a Pod of each Deployment was deleted"));
    }
    Ok(())
}

/// Deletes one Pod of each WebApp at once, as a node does that is lost.
pub(super) async fn delete_pods(stage: &Stage<'_>, names: &[String]) -> Result<(), BoxError> {
    let mut hit = BTreeSet::new();
    let pods = stage.observer.pods.now();
    let one = pods.values().filter(|pod| pod.metadata.deletion_timestamp.is_none()).filter(|pod| {
        let app = pod.labels().get("app.kubernetes.io/instance");
        app.is_some_and(|app| names.contains(app) && hit.insert(app.clone()))
    });
    let one = one.map(|pod| pod.name_any()).collect();
    let (api, now): (Api<Pod>, _) = (stage.api(), DeleteParams::default().grace_period(0));
    let delete = async |name: String| match api.delete(&name, &now).await {
        // Its ReplicaSet has deleted it.
        Err(kube::Error::Api(status)) if status.code == 404 => Ok(()),
        outcome => outcome.map(|_| ()),
    };
    stage.each(one, delete).await
}

/// Whether these Deployments have all their replicas again.
pub(super) fn are_complete(observer: &Observer, names: &[String]) -> bool {
    let deployments = observer.deployments.now();
    names.iter().all(|name| deployments.get(name).is_some_and(|found| is_complete(found)))
}

/// Whether a Deployment has all its replicas, and they are ready.
pub(super) fn is_complete(deployment: &Deployment) -> bool {
    readiness_of(deployment).1
}

/// Whether they have, and the statuses say so.
fn are_right(observer: &Observer, names: &[String]) -> bool {
    are_complete(observer, names) && wrong(observer, names).is_empty()
}

/// The WebApps whose status says something else than their Deployment.
pub(super) fn wrong(observer: &Observer, names: &[String]) -> Vec<String> {
    let (apps, deployments) = (observer.apps.now(), observer.deployments.now());
    let is_wrong = |name: &&String| match (apps.get(*name), deployments.get(*name)) {
        (Some(app), Some(deployment)) => app.status.as_ref() != Some(&expected::status(app, deployment, None)),
        _ => true,
    };
    names.iter().filter(is_wrong).cloned().collect()
}
