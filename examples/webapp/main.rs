//! Runs the WebApp operator: `cargo run -p examples --bin webapp -- run`.
#![forbid(unsafe_code)]

use std::process::ExitCode;

use clap::Parser;
use examples::webapp::cli::{self, Cli};
use tracing_subscriber::EnvFilter;

#[tokio::main]
async fn main() -> ExitCode {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info,kube_client=off"));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
    match cli::main(Cli::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("webapp: {error}");
            ExitCode::FAILURE
        }
    }
}
