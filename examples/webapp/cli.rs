//! The operator's command line.

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::{Parser, Subcommand};
use http::HeaderValue;
use http::header::USER_AGENT;
use kube::config::{KubeConfigOptions, Kubeconfig};
use kube::{Client, Config, CustomResourceExt};
use serde_json::json;
use steersman::{BoxError, Manager, Stats};

use super::api::WebApp;
use super::controller::Controller;

/// The user agent of the operator's requests, by which an audit log tells them from others.
pub const AGENT: &str = "webapp-operator";

/// An operator for web applications.
#[derive(Debug, Parser)]
#[command(name = "webapp", version)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Runs the operator until SIGTERM or Ctrl-C.
    Run(Run),
    /// Prints the CustomResourceDefinition as YAML.
    Crd,
}

/// How to run it.
#[derive(Debug, clap::Args)]
struct Run {
    /// The cluster; without it KUBECONFIG, ~/.kube/config or the Pod's service account.
    #[arg(long, value_name = "FILE")]
    kubeconfig: Option<PathBuf>,
    /// The one namespace to watch; without it all.
    #[arg(long, value_name = "NAME")]
    namespace: Option<String>,
    /// A file that is kept up to date with the operator's counters, as JSON.
    #[arg(long, value_name = "FILE")]
    counters: Option<PathBuf>,
}

/// Does what the arguments say.
///
/// # Errors
/// The cluster's configuration cannot be used, or the counters cannot be written.
pub async fn main(cli: Cli) -> Result<(), BoxError> {
    match cli.command {
        Command::Crd => {
            print!("{}", serde_saphyr::to_string(&WebApp::crd())?);
            Ok(())
        }
        Command::Run(options) => run(options).await,
    }
}

async fn run(options: Run) -> Result<(), BoxError> {
    let mut config = match &options.kubeconfig {
        Some(file) => {
            Config::from_custom_kubeconfig(Kubeconfig::read_from(file)?, &KubeConfigOptions::default()).await?
        }
        None => Config::infer().await?,
    };
    config.headers.push((USER_AGENT, HeaderValue::from_static(AGENT)));
    let mut operator = WebApp::operator(Controller);
    if let Some(namespace) = options.namespace {
        operator = operator.namespace(namespace);
    }
    let stats = operator.stats();
    let manager = Manager::new(Client::try_from(config)?).with(operator);
    match options.counters {
        None => Ok(manager.run().await?),
        Some(file) => tokio::select! {
            ended = manager.run() => Ok(ended?),
            failed = keep(&file, &stats) => failed,
        },
    }
}

/// Keeps `file` at the counters, written at most every 100 ms and replaced as a whole.
async fn keep(file: &Path, stats: &Stats) -> Result<(), BoxError> {
    let mut written = None;
    loop {
        let counters = json!({ "reconciles": stats.runs(), "errors": stats.failures(), "wake_ups": stats.wake_ups() });
        if written.as_ref() != Some(&counters) {
            let beside = file.with_extension("new");
            tokio::fs::write(&beside, counters.to_string()).await?;
            tokio::fs::rename(&beside, file).await?;
            written = Some(counters);
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}
