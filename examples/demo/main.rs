//! `cargo demo`: an operator at work on a real Kubernetes control plane, told step by step. Which one, says `--example`.
#![forbid(unsafe_code)]

mod cluster;
mod cronjob;
mod database;
mod example;
mod gateway;
mod operator;
mod report;
mod stage;
mod webapp;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use steersman::BoxError;
use tracing_subscriber::EnvFilter;

/// Shows an operator at work, with the wake-ups and API requests of each step.
#[derive(Debug, Parser)]
#[command(name = "demo")]
struct Args {
    /// Which operator.
    #[arg(long, value_enum, default_value_t = example::Example::Webapp)]
    example: example::Example,
    /// Writes what was measured to this file, as JSON.
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
    /// Leaves everything running at the end, and says how to use your own kubectl on it.
    #[arg(long)]
    keep: bool,
    /// Uses this cluster instead of a control plane of its own. What only its owner can do is left out: restarting its
    /// API server and reading its audit log.
    #[arg(long, value_name = "FILE")]
    kubeconfig: Option<PathBuf>,
    #[command(subcommand)]
    role: Option<Role>,
}

#[derive(Debug, Subcommand)]
enum Role {
    /// Runs the operator: the demo starts itself in this role.
    #[command(hide = true)]
    Operator(operator::Role),
}

#[tokio::main]
async fn main() -> ExitCode {
    let filter = EnvFilter::try_from_default_env()
        .unwrap_or_else(|_| EnvFilter::new("warn,steersman=info,examples=info,kube_client=off"));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_ansi(false).init();
    let args = Args::parse();
    let done = match args.role {
        Some(Role::Operator(role)) => role.play().await,
        None => tell(args).await,
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("demo: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn tell(args: Args) -> Result<(), BoxError> {
    let cluster = match &args.kubeconfig {
        None => cluster::Cluster::start().await?,
        Some(_) if args.example == example::Example::Gateway => {
            return Err("this example brings definitions that belong to others; leave out --kubeconfig".into());
        }
        Some(file) => cluster::Cluster::existing(file).await?,
    };
    let mut stage = stage::Stage::prepare(cluster, args.example).await?;
    let told = tokio::select! {
        told = args.example.tell(&mut stage) => told,
        _ = tokio::signal::ctrl_c() => Err("interrupted".into()),
    };
    if told.is_err() {
        eprintln!("The operator's last words:\n{}", stage.operator.last_words());
    }
    if let Some(file) = &args.report {
        stage.report.write(file)?;
    }
    match told {
        Ok(()) if args.keep => {
            let kinds = args.example.encore(&mut stage).await?;
            stage.keep(kinds).await?;
        }
        told => {
            stage.strike().await;
            told?;
        }
    }
    Ok(())
}
