//! WebApps come, stay, and go.

use std::collections::HashMap;
use std::time::Instant;

use examples::webapp::api::WebApp;

use super::DEADLINE;
use crate::BoxError;
use crate::measurement::{figure, scenario};
use crate::stage::{Begun, Stage};
use crate::times::percentiles;
use crate::wait::until;

/// All WebApps are created, until each says that it is ready.
pub(crate) async fn creation(stage: &mut Stage<'_>) -> Result<(), BoxError> {
    let begun = stage.begin(scenario::CREATION).await?;
    let names = stage.names();
    create(stage, &begun, &names, 2).await?;
    stage.finish(&begun).await
}

/// Creates WebApps of these names, waits until all are ready, and writes down how long that took.
pub(super) async fn create(
    stage: &mut Stage<'_>,
    begun: &Begun,
    names: &[String],
    replicas: i32,
) -> Result<(), BoxError> {
    let place = stage.observer.apps.place();
    let created: HashMap<String, Instant> = stage.create(names, replicas).await?.into_iter().collect();
    let ready = |app: &WebApp| is_ready(app, replicas);
    let apps = &stage.observer.apps;
    until(DEADLINE, async || apps.now().values().filter(|app| ready(app)).count() == names.len()).await;
    let mut first = HashMap::new();
    for entry in stage.observer.apps.since(place) {
        if entry.object.as_deref().is_some_and(ready) {
            first.entry(entry.name).or_insert(entry.at);
        }
    }
    let times = first.iter().filter_map(|(name, at)| Some(at.duration_since(*created.get(name)?).as_secs_f64()));
    if let Some([p50, p99]) = percentiles(times.collect()) {
        stage.write(begun, figure::READY_P50, p50);
        stage.write(begun, figure::READY_P99, p99);
    }
    let lost = names.len() - first.len();
    stage.write(begun, figure::LOST, lost as f64);
    if lost > 0 {
        stage.failed(format!("{lost} of {} WebApps are not ready after {DEADLINE:?}", names.len()));
    }
    Ok(())
}

pub(super) fn is_ready(app: &WebApp, replicas: i32) -> bool {
    let generation = app.metadata.generation.unwrap_or_default();
    let status = app.status.as_ref();
    status.is_some_and(|s| s.ready && s.ready_replicas == replicas && s.observed_generation == generation)
}

/// Nothing happens.
pub(crate) async fn steady(stage: &mut Stage<'_>) -> Result<(), BoxError> {
    let begun = stage.begin(scenario::STEADY).await?;
    tokio::time::sleep(stage.plan.steady).await;
    stage.write(&begun, figure::SECONDS, stage.plan.steady.as_secs_f64());
    stage.count(&begun).await
}

/// All WebApps are deleted, and the candidate ends. What they owned is collected by Kubernetes, at its own pace.
pub(crate) async fn deletion(stage: &mut Stage<'_>) -> Result<(), BoxError> {
    let begun = stage.begin(scenario::DELETION).await?;
    stage.delete_all().await?;
    stage.finish(&begun).await?;
    stage.process.stop().await
}
