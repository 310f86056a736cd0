//! Starts a control plane for a person's own `kubectl`, until Ctrl-C.
#![forbid(unsafe_code)]

use std::process::ExitCode;

use steersman_control_plane::{ControlPlane, Error};

#[tokio::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<(), Error> {
    let control_plane = ControlPlane::start().await?;
    println!("export KUBECONFIG={}", control_plane.kubeconfig().display());
    eprintln!("The control plane runs until Ctrl-C.");
    tokio::signal::ctrl_c().await.map_err(|source| Error::Io { action: "wait for Ctrl-C".into(), source })
}
