//! The reconciler of [`Backup`]s.

use std::sync::Arc;

use steersman::ready::{self, Readiness};
use steersman::{Action, WriteError};

use super::task_status;
use crate::database::api::{Backup, BackupsContext, BackupsReconciler, BackupsSnapshot, Phase, TaskKind};
use crate::database::decide::{Group, State};
use crate::database::desired::{self, Part};

/// Makes one Job for each [`Backup`], when its turn has come.
#[derive(Debug, Default)]
pub struct BackupController;

impl BackupsReconciler for BackupController {
    type Error = WriteError;

    async fn reconcile(
        &self,
        backup: Arc<Backup>,
        seen: BackupsSnapshot,
        cx: BackupsContext,
    ) -> Result<Action, WriteError> {
        if backup.phase().is_over() {
            return Ok(Action::await_change());
        }
        let (phase, message) = match seen.job.as_deref().map(ready::job) {
            Some(Readiness::Completed) => (Phase::Succeeded, "the backup is stored".to_owned()),
            Some(Readiness::Failed) => (Phase::Failed, "the Job has failed".to_owned()),
            Some(_) => (Phase::Running, "the Job runs".to_owned()),
            None => begin(&backup, &seen, &cx).await?,
        };
        cx.apply_status(task_status(backup.status.as_ref(), backup.metadata.generation, phase, message)).await?;
        Ok(Action::await_change())
    }
}

/// Makes the Job, unless something has to come first.
async fn begin(backup: &Backup, seen: &BackupsSnapshot, cx: &BackupsContext) -> Result<(Phase, String), WriteError> {
    let Some(database) = &seen.database else {
        return Ok((Phase::Waiting, format!("there is no Database {}", backup.spec.database)));
    };
    if seen.storage.is_none() {
        return Ok((Phase::Waiting, format!("there is no Secret {}", backup.spec.storage_secret)));
    }
    let is_ours = |turn: &_| super::is_turn_of(turn, TaskKind::Backup, backup);
    if !database.turn().is_some_and(is_ours) {
        return Ok((Phase::Queued, "it waits for its turn".to_owned()));
    }
    let shards = (0..database.spec.shards).map(Part::Shard);
    let members: Option<Vec<String>> = shards.map(|shard| source(seen, &shard.name(database))).collect();
    let Some(members) = members else {
        return Ok((Phase::Queued, "no member of a shard is ready".to_owned()));
    };
    let message = format!("the Job reads from {}", members.join(", "));
    cx.job().apply(desired::backup(backup, database, members)).await?;
    Ok((Phase::Running, message))
}

/// The member of a shard that is disturbed least: the last one that is ready.
fn source(seen: &BackupsSnapshot, shard: &str) -> Option<String> {
    let group = Group::of(seen.stateful_sets.get(shard)?, seen.pods.iter().map(Arc::as_ref));
    group.members.into_iter().find(|member| member.state == State::Ready).map(|member| member.name)
}
