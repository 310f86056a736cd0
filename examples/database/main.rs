//! The database operator: `cargo run -p examples --bin database -- run`, or `.. -- --help`.
#![forbid(unsafe_code)]

use std::process::ExitCode;

use examples::database::cli::cli;

#[tokio::main]
async fn main() -> ExitCode {
    cli().main().await
}
