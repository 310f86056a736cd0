//! Waiting for a condition, as long as all tests here wait.

use std::time::Duration;

/// Far more than anything here takes, even on a busy machine.
pub const DEADLINE: Duration = Duration::from_secs(60);

/// Waits until a condition holds.
///
/// # Panics
/// If it does not within [`DEADLINE`].
pub async fn eventually(what: &str, holds: impl AsyncFnMut() -> bool) {
    steersman_control_plane::eventually(DEADLINE, what, holds).await;
}

/// Waits until something is found, and returns it.
///
/// # Panics
/// If it is not within [`DEADLINE`].
pub async fn found<T>(what: &str, look: impl AsyncFnMut() -> Option<T>) -> T {
    steersman_control_plane::found(DEADLINE, what, look).await
}
