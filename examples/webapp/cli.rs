//! The operator's command line.

use steersman::cli::Cli;

use super::api::WebApp;
use super::controller::Controller;

/// The name of the program and of what it installs. Its requests begin with it, too: by that an audit log tells them from others.
pub const NAME: &str = "webapp-operator";

/// The command line of the operator.
pub fn cli() -> Cli {
    Cli::new(NAME, env!("CARGO_PKG_VERSION")).operator(WebApp::operator(Controller))
}
