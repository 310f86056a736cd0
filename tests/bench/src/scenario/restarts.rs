//! The operator and the API server are restarted, and nothing else has changed.

use std::collections::BTreeSet;
use std::time::Duration;

use super::{DEADLINE, LOST_AFTER};
use crate::BoxError;
use crate::measurement::{figure, scenario};
use crate::stage::Stage;
use crate::wait::until;

/// The operator is asked to end, and started again.
pub(crate) async fn operator(stage: &mut Stage<'_>) -> Result<(), BoxError> {
    let begun = stage.begin_anew(scenario::OPERATOR_RESTART);
    stage.restart().await?;
    let count = stage.plan.count as u64;
    let begin = tokio::time::Instant::now();
    while stage.process.runs().await? < count && begin.elapsed() < LOST_AFTER {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    if stage.process.runs().await? < count {
        let runs = stage.process.runs().await?;
        stage.failed(format!("{runs} runs within {LOST_AFTER:?} after its restart, beside {count} WebApps"));
    }
    stage.finish(&begun).await
}

/// The API server is killed and started again.
pub(crate) async fn api_server(stage: &mut Stage<'_>) -> Result<(), BoxError> {
    let watched: BTreeSet<String> = stage.watched().into_iter().collect();
    let begun = stage.begin(scenario::API_SERVER_RESTART).await?;
    stage.cluster.kill_api_server().await?;
    stage.cluster.start_api_server().await?;
    let mark = begun.mark();
    let shared = &*stage;
    let is_back = until(DEADLINE, async || {
        let now: BTreeSet<String> = shared.watched_since(mark).into_iter().collect();
        watched.is_subset(&now)
    });
    let missing = if is_back.await { 0 } else { watched.len() - stage.watched_since(mark).len() };
    stage.write(&begun, figure::LOST, missing as f64);
    if missing > 0 {
        stage.failed(format!("{missing} watches are not back {DEADLINE:?} after the API server was"));
    }
    stage.finish(&begun).await
}
