//! Somebody damages what the WebApps own.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::{ConfigMap, Service};
use kube::api::{DeleteParams, Patch, PatchParams};
use serde_json::json;

use super::LOST_AFTER;
use crate::BoxError;
use crate::measurement::{figure, scenario};
use crate::stage::{Begun, Stage};
use crate::times::{Repairs, percentiles};
use crate::wait::until;

/// Each Service is deleted.
pub(crate) async fn services(stage: &mut Stage<'_>) -> Result<(), BoxError> {
    let begun = stage.begin(scenario::SERVICES).await?;
    let (names, place, api) = (stage.names(), stage.observer.services.place(), stage.api::<Service>());
    let delete = async |name: String| api.delete(&name, &DeleteParams::default()).await.map(|_| ());
    stage.each(names.clone(), delete).await?;
    let seen = &stage.observer.services;
    let repairs = || Repairs::of(&seen.since(place), |_, service| service.is_some());
    until(LOST_AFTER, async || repairs().repaired.len() == names.len()).await;
    let repairs = repairs();
    write(stage, &begun, names.len(), &repairs);
    stage.finish(&begun).await
}

/// The file in one ConfigMap of each WebApp is changed.
pub(crate) async fn config_maps(stage: &mut Stage<'_>) -> Result<(), BoxError> {
    let begun = stage.begin(scenario::CONFIG_MAPS).await?;
    let names: Vec<String> = stage.names().iter().map(|name| format!("{name}-config")).collect();
    let (place, api) = (stage.observer.config_maps.place(), stage.api::<ConfigMap>());
    let before: BTreeMap<_, _> = stage.observer.config_maps.now();
    let change = Patch::Merge(json!({ "data": { "app.conf": "listen = 666\n" } }));
    let damage = async |name: String| api.patch(&name, &PatchParams::default(), &change).await.map(|_| ());
    stage.each(names.clone(), damage).await?;
    let seen = &stage.observer.config_maps;
    let is_whole = |name: &str, map: Option<&ConfigMap>| {
        map.is_some_and(|map| before.get(name).is_some_and(|before| before.data == map.data))
    };
    let repairs = || Repairs::of(&seen.since(place), is_whole);
    until(LOST_AFTER, async || repairs().repaired.len() == names.len()).await;
    let repairs = repairs();
    write(stage, &begun, names.len(), &repairs);
    stage.finish(&begun).await
}

/// Writes down how long the repairs took and how many there were not.
fn write(stage: &mut Stage<'_>, begun: &Begun, count: usize, repairs: &Repairs) {
    if let Some([p50, p99]) = percentiles(repairs.milliseconds()) {
        stage.write(begun, figure::REPAIR_P50, p50);
        stage.write(begun, figure::REPAIR_P99, p99);
    }
    lost(stage, begun, count - repairs.repaired.len(), count);
}

/// Writes down how many were not repaired in time.
pub(super) fn lost(stage: &mut Stage<'_>, begun: &Begun, lost: usize, of: usize) {
    stage.write(begun, figure::LOST, lost as f64);
    if lost > 0 {
        stage.failed(format!("{}: {lost} of {of} were not repaired within {LOST_AFTER:?}", begun.scenario()));
    }
}
