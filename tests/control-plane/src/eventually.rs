//! Waiting for a condition.

use std::time::{Duration, Instant};

const POLL: Duration = Duration::from_millis(25);

/// Waits until a condition holds, and asks for it 40 times a second.
///
/// ```no_run
/// # use std::time::Duration;
/// # use k8s_openapi::api::core::v1::Service;
/// # use steersman_control_plane::eventually;
/// # async fn test(services: kube::Api<Service>) {
/// eventually(Duration::from_secs(30), "the Service is back", async || services.get_opt("web").await.unwrap().is_some()).await;
/// # }
/// ```
///
/// # Panics
/// If it does not within `deadline`, with `what` does not.
pub async fn eventually(deadline: Duration, what: &str, mut holds: impl AsyncFnMut() -> bool) {
    found(deadline, what, async || holds().await.then_some(())).await;
}

/// Waits until something is found, and returns it.
///
/// # Panics
/// If it is not within `deadline`, with `what` is not.
pub async fn found<T>(deadline: Duration, what: &str, mut look: impl AsyncFnMut() -> Option<T>) -> T {
    let begin = Instant::now();
    loop {
        if let Some(found) = look().await {
            return found;
        }
        assert!(begin.elapsed() < deadline, "not within {deadline:?}: {what}");
        tokio::time::sleep(POLL).await;
    }
}
