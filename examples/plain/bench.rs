//! What `cargo bench-peers` asks of a program that it measures: to be known by its user agent, and to say how often it has
//! reconciled. No operator needs this.

use std::error::Error;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use http::HeaderValue;
use http::header::USER_AGENT;
use kube::{Client, Config};

/// The file is at most twice this old.
const PERIOD: Duration = Duration::from_millis(40);

static RUNS: AtomicU64 = AtomicU64::new(0);

/// Like `Client::try_default()`, with the user agent of `BENCH_USER_AGENT`. From here on, the file `BENCH_COUNTER` is kept up to date.
///
/// # Errors
/// If there is no cluster to be found in the environment, or the user agent is none.
pub async fn client() -> Result<Client, Box<dyn Error + Send + Sync>> {
    let mut config = Config::infer().await?;
    if let Ok(agent) = std::env::var("BENCH_USER_AGENT") {
        config.headers.push((USER_AGENT, HeaderValue::from_str(&agent)?));
    }
    if let Some(path) = std::env::var_os("BENCH_COUNTER") {
        tokio::spawn(keep(PathBuf::from(path)));
    }
    Ok(Client::try_from(config)?)
}

/// Whether the wide form is asked for, which also follows ReplicaSets and Pods.
pub fn is_wide() -> bool {
    std::env::var_os("BENCH_WIDE").is_some_and(|value| value == "1")
}

/// Counts a reconcile.
pub fn count() {
    RUNS.fetch_add(1, Ordering::Relaxed);
}

async fn keep(path: PathBuf) {
    let beside = path.with_extension("new");
    let mut written = None;
    loop {
        let runs = RUNS.load(Ordering::Relaxed);
        if written != Some(runs) {
            let kept = std::fs::write(&beside, runs.to_string()).and_then(|()| std::fs::rename(&beside, &path));
            match kept {
                Ok(()) => written = Some(runs),
                Err(error) => tracing::warn!(%error, "the number of reconciles cannot be written"),
            }
        }
        tokio::time::sleep(PERIOD).await;
    }
}
