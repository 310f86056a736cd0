//! Readiness is lost and regained quickly, again and again.

use std::collections::BTreeSet;
use std::time::Duration;

use super::LOST_AFTER;
use super::changes::{are_complete, delete_pods, is_complete, wrong};
use crate::BoxError;
use crate::measurement::{figure, scenario};
use crate::stage::Stage;
use crate::wait::{eventually, until};
use crate::watched::Observer;

/// So many WebApps: with few of them the flips are quicker.
const WEB_APPS: usize = 20;
/// A status that is wrong for longer is late.
const LATE: Duration = Duration::from_secs(1);
/// A status that is still wrong after this long stays wrong: longer than a poller's period.
const LEFT: Duration = Duration::from_secs(10);

/// Rounds in which a Pod of each of 20 WebApps is deleted as soon as their Deployments are complete.
pub(crate) async fn flips(stage: &mut Stage<'_>) -> Result<(), BoxError> {
    let begun = stage.begin(scenario::FLIPS).await?;
    let names: Vec<String> = stage.names().into_iter().take(WEB_APPS).collect();
    let mut late = 0;
    for _ in 0..stage.plan.rounds {
        let observer = &stage.observer;
        let place = observer.deployments.place();
        delete_pods(stage, &names).await?;
        // What was deleted may not have been missed yet.
        until(LATE, async || have_dipped(observer, place, &names)).await;
        eventually("the Deployments are complete again", LOST_AFTER, async || are_complete(observer, &names)).await?;
        until(LATE, async || wrong(observer, &names).is_empty()).await;
        late += wrong(observer, &names).len();
    }
    let observer = &stage.observer;
    until(LEFT, async || wrong(observer, &names).is_empty()).await;
    let left = wrong(observer, &names).len();
    stage.write(&begun, figure::LATE, late as f64);
    stage.write(&begun, figure::LEFT_WRONG, left as f64);
    if left > 0 {
        stage.failed(format!("flips: {left} statuses are still wrong after {LEFT:?}"));
    }
    stage.finish(&begun).await
}

/// Whether each of these Deployments was seen without one of its Pods since then.
fn have_dipped(observer: &Observer, place: usize, names: &[String]) -> bool {
    let dipped: BTreeSet<String> = observer
        .deployments
        .since(place)
        .into_iter()
        .filter(|entry| entry.object.as_deref().is_some_and(|deployment| !is_complete(deployment)))
        .map(|entry| entry.name)
        .collect();
    names.iter().all(|name| dipped.contains(name))
}
