//! The WebApp operator in plain kube-rs: `cargo run -p examples --bin plain`, with a kubeconfig in `KUBECONFIG`.
#![forbid(unsafe_code)]

use std::error::Error;

use examples::plain::{bench, controller};
use tracing::Level;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error + Send + Sync>> {
    tracing_subscriber::fmt().with_writer(std::io::stderr).with_max_level(Level::WARN).init();
    controller::run(bench::client().await?).await;
    Ok(())
}
