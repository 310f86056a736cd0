//! The CronJob operator: `cargo run -p examples --bin cronjob -- run`, or `.. -- --help`.
#![forbid(unsafe_code)]

use std::process::ExitCode;

use examples::cronjob::cli::cli;

#[tokio::main]
async fn main() -> ExitCode {
    cli().main().await
}
