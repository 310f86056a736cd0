//! A token bucket: how fast an operator may ask the API server.

use std::time::{Duration, Instant};

use tokio::sync::Mutex;

use crate::clock::now;

/// Lets `burst` requests through at once, and one more each `interval` after that. Who waits is served in the order of
/// arrival; who stops waiting takes nothing.
#[derive(Debug)]
pub(crate) struct Bucket {
    interval: Duration,
    /// How far the next place may be ahead of the time: `burst - 1` intervals.
    ahead: Duration,
    /// The time of the next place, if there were no bursts. tokio's lock hands itself on in the order of arrival.
    next: Mutex<Option<Instant>>,
}

impl Bucket {
    pub(crate) fn new(per_second: f64, burst: u32) -> Self {
        let interval = Duration::from_secs_f64(1.0 / per_second);
        Self { interval, ahead: interval.saturating_mul(burst.saturating_sub(1)), next: Mutex::new(None) }
    }

    /// Waits for a place.
    pub(crate) async fn take(&self) {
        let mut next = self.next.lock().await;
        let place = next.map_or_else(now, |next| next.max(now()));
        // Checked, because a rate may be so low that its interval goes beyond what a clock can tell.
        if let Some(begin) = place.checked_sub(self.ahead) {
            tokio::time::sleep_until(begin.into()).await;
        }
        *next = place.checked_add(self.interval).or(*next);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use futures::FutureExt;
    use tokio::time::Instant;

    use super::*;

    /// When each of so many requests goes, in milliseconds.
    async fn times(bucket: &Bucket, requests: usize) -> Vec<u128> {
        let start = Instant::now();
        let mut times = Vec::new();
        for _ in 0..requests {
            bucket.take().await;
            times.push(start.elapsed().as_millis());
        }
        times
    }

    #[tokio::test(start_paused = true)]
    async fn a_burst_goes_at_once_and_the_rest_at_the_rate() {
        let bucket = Bucket::new(10.0, 3);
        assert_eq!(times(&bucket, 6).await, [0, 0, 0, 100, 200, 300]);
        tokio::time::sleep(Duration::from_millis(150)).await;
        assert_eq!(times(&bucket, 3).await, [0, 50, 150], "one place has been saved");
        tokio::time::sleep(Duration::from_secs(3600)).await;
        assert_eq!(times(&bucket, 4).await, [0, 0, 0, 100], "and no more than a burst ever is");
    }

    #[tokio::test(start_paused = true)]
    async fn less_than_one_a_second() {
        let bucket = Bucket::new(0.5, 1);
        assert_eq!(times(&bucket, 3).await, [0, 2000, 4000]);
    }

    #[tokio::test(start_paused = true)]
    async fn who_comes_first_goes_first() {
        let (bucket, order) = (Arc::new(Bucket::new(1.0, 1)), Arc::new(std::sync::Mutex::new(Vec::new())));
        bucket.take().await;
        let tasks = (0..20).map(|i| {
            let (bucket, order) = (bucket.clone(), order.clone());
            async move {
                bucket.take().await;
                order.lock().unwrap().push(i);
            }
        });
        futures::future::join_all(tasks).await;
        assert_eq!(*order.lock().unwrap(), (0..20).collect::<Vec<_>>());
    }

    #[tokio::test(start_paused = true)]
    async fn who_gives_up_takes_nothing() {
        let bucket = Bucket::new(1.0, 1);
        bucket.take().await;
        let start = Instant::now();
        let mut first = Box::pin(bucket.take());
        let mut second = Box::pin(bucket.take());
        assert!(first.as_mut().now_or_never().is_none() && second.as_mut().now_or_never().is_none());
        tokio::time::sleep(Duration::from_millis(500)).await;
        drop(first);
        second.await;
        assert_eq!(start.elapsed(), Duration::from_secs(1));
    }
}
