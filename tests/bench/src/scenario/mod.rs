//! What is done to the WebApps, in this order, while a candidate sees to them.

mod changes;
mod creation;
mod flips;
mod missed;
mod repair;
mod restarts;
mod wide;

use std::time::Duration;

use crate::BoxError;
use crate::candidate::Program;
use crate::cluster::Cluster;
use crate::measurement::{RemarkKind, Results, scenario};
use crate::stage::{Plan, Stage};

/// What is not repaired, or not ready, after this long is lost.
const LOST_AFTER: Duration = Duration::from_secs(30);
/// How long anything else is waited for: one candidate shall not take everybody's time.
const DEADLINE: Duration = Duration::from_secs(60);

/// Which scenarios there are.
#[derive(Clone, Debug)]
pub(crate) struct Selection(pub(crate) Vec<String>);

impl Selection {
    fn has(&self, scenario: &str) -> bool {
        self.0.is_empty() || self.0.iter().any(|selected| selected == scenario)
    }
}

/// Everything with one candidate, once. What goes wrong with it is among the results; an error is one of the cluster.
pub(crate) async fn session(
    cluster: &Cluster,
    plan: Plan,
    repetition: u32,
    program: &Program,
    selection: &Selection,
    results: &mut Results,
) -> Result<(), BoxError> {
    for is_wide in [false, true] {
        if is_wide && !selection.has(scenario::WIDE_ROLLOUT) {
            continue;
        }
        let stage = Stage::new(cluster, plan, repetition, program, is_wide, results).await;
        let mut stage = match stage {
            Ok(stage) => stage,
            Err(error) => {
                let text = format!("it does not start (repetition {repetition}): {error}");
                results.remark(program.candidate().id(), RemarkKind::Failed, text);
                return Ok(());
            }
        };
        let done = if is_wide { wide::all(&mut stage).await } else { narrow(&mut stage, selection).await };
        if let Err(error) = done {
            stage.failed(format!("repetition {repetition}: {error}"));
            return stage.abandon().await;
        }
    }
    Ok(())
}

async fn narrow(stage: &mut Stage<'_>, selection: &Selection) -> Result<(), BoxError> {
    creation::creation(stage).await?;
    stage.check("after creation").await?;
    // A whole minute once is enough: what happens in it happens in each.
    if selection.has(scenario::STEADY) && stage.repetition == 1 {
        creation::steady(stage).await?;
    }
    if selection.has(scenario::IRRELEVANT) {
        changes::irrelevant(stage).await?;
    }
    if selection.has(scenario::READINESS) {
        changes::readiness(stage).await?;
    }
    if selection.has(scenario::SERVICES) {
        repair::services(stage).await?;
    }
    if selection.has(scenario::CONFIG_MAPS) {
        repair::config_maps(stage).await?;
    }
    if selection.has(scenario::FLIPS) {
        flips::flips(stage).await?;
    }
    // In this order, so that each outage meets an operator that has not been through another one.
    if selection.has(scenario::API_SERVER_RESTART) {
        restarts::api_server(stage).await?;
    }
    if selection.has(scenario::OPERATOR_RESTART) {
        restarts::operator(stage).await?;
    }
    if selection.has(scenario::MISSED_DELETES) {
        if !selection.has(scenario::OPERATOR_RESTART) {
            stage.restart().await?;
            stage.watches().await?;
        }
        missed::deletes(stage).await?;
    }
    stage.check("at the end").await?;
    creation::deletion(stage).await
}
