//! The gateway operator: `cargo run -p examples --bin gateway -- run`, or `.. -- --help`.
#![forbid(unsafe_code)]

use std::process::ExitCode;

use examples::gateway::cli::cli;

#[tokio::main]
async fn main() -> ExitCode {
    cli().main().await
}
