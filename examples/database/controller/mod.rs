//! The reconcilers, one for each operator.

mod backup;
mod database;
mod restore;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::Condition;
use kube::ResourceExt;
use steersman::{Conditions, WriteError};

use super::api::{Phase, TaskKind, TaskStatus, Turn};
use super::secrets::NoRandomness;
pub use backup::BackupController;
pub use database::DatabaseController;
pub use restore::RestoreController;

/// Why a run has failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A write was not done.
    #[error(transparent)]
    Write(#[from] WriteError),
    /// There is no new password.
    #[error(transparent)]
    Random(#[from] NoRandomness),
}

/// The status of a backup or a restore that is in this phase, for this reason.
fn task_status(old: Option<&TaskStatus>, generation: Option<i64>, phase: Phase, message: String) -> TaskStatus {
    let mut conditions = Conditions::of(old.iter().flat_map(|status| &status.conditions), generation);
    conditions.set("Complete", phase == Phase::Succeeded, format!("{phase:?}"), message);
    let conditions: Vec<Condition> = conditions.into_vec();
    TaskStatus { phase, conditions }
}

/// Whether it is the turn of this backup or restore.
fn is_turn_of(turn: &Turn, kind: TaskKind, task: &impl ResourceExt) -> bool {
    turn.kind == kind && Some(&turn.uid) == task.meta().uid.as_ref()
}
