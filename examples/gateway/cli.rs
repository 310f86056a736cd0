//! The operators' command line.

use steersman::cli::Cli;

use super::api::{Classes, Gateways};
use super::controller::Controller;

/// The name of the program and of what it installs.
pub const NAME: &str = "gateway-operator";

/// The command line of the operators.
pub fn cli() -> Cli {
    let cli = Cli::new(NAME, env!("CARGO_PKG_VERSION"));
    cli.operator(Classes::operator(Controller)).operator(Gateways::operator(Controller))
}
