//! The reconciler of [`Restore`]s.

use std::sync::Arc;

use kube::ResourceExt;
use steersman::ready::{self, Readiness};
use steersman::{Action, Cleanup, Deletion, WriteError};

use super::task_status;
use crate::database::api::{Phase, Restore, RestoresContext, RestoresReconciler, RestoresSnapshot, TaskKind};
use crate::database::desired;

/// Makes one Job for each [`Restore`], when its turn has come and the database has stopped.
///
/// It does not stop the database itself: the operator of databases does, for as long as a restore has its turn. So there is no
/// mark that could stay behind: a restore that is deleted in between leaves the queue, and the database goes on.
#[derive(Debug, Default)]
pub struct RestoreController;

impl RestoresReconciler for RestoreController {
    type Error = WriteError;

    async fn reconcile(
        &self,
        restore: Arc<Restore>,
        seen: RestoresSnapshot,
        cx: RestoresContext,
    ) -> Result<Action, WriteError> {
        if restore.phase() == Phase::Succeeded {
            return tidy(&seen, &cx).await;
        }
        if restore.phase().is_over() {
            return Ok(Action::await_change());
        }
        let (phase, message) = match seen.job.as_deref().map(ready::job) {
            Some(Readiness::Completed) => (Phase::Succeeded, "the data are those of the backup".to_owned()),
            Some(Readiness::Failed) => (Phase::Failed, "the Job has failed".to_owned()),
            Some(_) => (Phase::Running, "the Job runs".to_owned()),
            None => begin(&restore, &seen, &cx).await?,
        };
        cx.apply_status(task_status(restore.status.as_ref(), restore.metadata.generation, phase, message)).await?;
        if phase == Phase::Succeeded { tidy(&seen, &cx).await } else { Ok(Action::await_change()) }
    }

    /// As long as the restore is there it keeps its turn, and the database does not start. So it stays until the Pods of its Job are
    /// gone; deleted in the foreground, the Job goes after them.
    async fn cleanup(
        &self,
        _: Arc<Restore>,
        seen: RestoresSnapshot,
        cx: RestoresContext,
    ) -> Result<Cleanup, WriteError> {
        if let Some(job) = seen.job.filter(|job| job.metadata.deletion_timestamp.is_none()) {
            cx.job().delete_with(&job.name_any(), Deletion::foreground()).await?;
        }
        Ok(if cx.snapshot().job.is_none() { Cleanup::Done } else { Cleanup::AwaitChange })
    }
}

/// Deletes the Job once the status says that it has succeeded. Its Pod has ended, but holds on to the claims: as long as it is there, they
/// cannot be deleted. That of one that has failed stays, to be looked at.
async fn tidy(seen: &RestoresSnapshot, cx: &RestoresContext) -> Result<Action, WriteError> {
    if let Some(job) = &seen.job {
        cx.job().delete(&job.name_any()).await?;
    }
    Ok(Action::await_change())
}

/// Makes the Job, unless something has to come first.
async fn begin(
    restore: &Restore,
    seen: &RestoresSnapshot,
    cx: &RestoresContext,
) -> Result<(Phase, String), WriteError> {
    let Some(database) = &seen.database else {
        return Ok((Phase::Waiting, format!("there is no Database {}", restore.spec.database)));
    };
    let done = seen.backup.as_ref().filter(|backup| backup.phase() == Phase::Succeeded);
    let Some(backup) = done else {
        return Ok((Phase::Waiting, format!("the Backup {} is not there, or not done", restore.spec.backup)));
    };
    let is_ours = |turn: &_| super::is_turn_of(turn, TaskKind::Restore, restore);
    if !database.turn().is_some_and(is_ours) {
        return Ok((Phase::Queued, "it waits for its turn".to_owned()));
    }
    // What the database says of itself and what we see of its Pods come by different watches: both must agree.
    if database.condition("Paused") != Some(true) || !seen.pods.is_empty() {
        return Ok((Phase::Queued, "the database is being stopped".to_owned()));
    }
    cx.job().apply(desired::restore(restore, backup, database)).await?;
    Ok((Phase::Running, "the Job runs".to_owned()))
}
