//! Waiting.

use std::time::{Duration, Instant};

use crate::BoxError;

/// How often something is looked at again.
const POLL: Duration = Duration::from_millis(20);

/// Looks until something is so; whether it came to be so in time.
pub(crate) async fn until(patience: Duration, look: impl AsyncFn() -> bool) -> bool {
    let begin = Instant::now();
    while !look().await {
        if begin.elapsed() > patience {
            return false;
        }
        tokio::time::sleep(POLL).await;
    }
    true
}

/// Looks until something is so.
///
/// # Errors
/// If it has not come to be so in time.
pub(crate) async fn eventually(what: &str, patience: Duration, look: impl AsyncFn() -> bool) -> Result<(), BoxError> {
    if until(patience, look).await { Ok(()) } else { Err(format!("waited {patience:?} in vain until {what}").into()) }
}
