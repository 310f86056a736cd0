//! The WebApp operator: `cargo run -p examples --bin webapp -- run`, or `.. -- --help`.
#![forbid(unsafe_code)]

use std::process::ExitCode;

use examples::webapp::cli::cli;

#[tokio::main]
async fn main() -> ExitCode {
    cli().main().await
}
