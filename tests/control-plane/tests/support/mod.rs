//! What several tests need.

use std::time::Duration;

/// Far more than anything here takes, even on a busy machine.
pub(crate) const DEADLINE: Duration = Duration::from_secs(90);

/// Waits until a condition holds.
pub(crate) async fn eventually(what: &str, holds: impl AsyncFnMut() -> bool) {
    steersman_control_plane::eventually(DEADLINE, what, holds).await;
}
