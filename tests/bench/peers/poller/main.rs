//! The WebApp operator as a poller, with kube-rs: it watches its WebApps, and nothing of what belongs to them. Every 5 s it lists
//! that by label, and writes what differs. So do the controllers of Percona's operators, which the thesis behind this project traced.
#![forbid(unsafe_code)]

mod controller;
#[path = "../kube-tuned/relevant.rs"]
mod relevant;
// bench:
mod wide;
// :bench

use std::error::Error;

use examples::plain::bench;
use tracing::Level;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error + Send + Sync>> {
    tracing_subscriber::fmt().with_writer(std::io::stderr).with_max_level(Level::WARN).init();
    controller::run(bench::client().await?).await;
    Ok(())
}
