//! The operators' command line.

use kube::CustomResourceExt;
use steersman::cli::Cli;

use super::api::{Backup, Backups, Database, Restore, Restores};
use super::controller::{BackupController, DatabaseController, RestoreController};

/// The name of the program and of what it installs.
pub const NAME: &str = "database-operator";

/// The command line: one manager for the three operators, which share their watches.
pub fn cli() -> Cli {
    Cli::new(NAME, env!("CARGO_PKG_VERSION"))
        .operator(Database::operator(DatabaseController::default()))
        .operator(Backups::operator(BackupController))
        .operator(Restores::operator(RestoreController))
        .crd(Backup::crd())
        .crd(Restore::crd())
}
