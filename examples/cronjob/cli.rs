//! The operator's command line.

use steersman::cli::Cli;

use super::api::CronJob;
use super::controller::Controller;

/// The name of the program and of what it installs.
pub const NAME: &str = "cronjob-operator";

/// The command line of the operator.
pub fn cli() -> Cli {
    Cli::new(NAME, env!("CARGO_PKG_VERSION")).operator(CronJob::operator(Controller::default()))
}
