//! The wall clock of a test.

use std::time::{Duration, SystemTime};

use k8s_openapi::jiff::Timestamp;
use tokio::time::Instant;

/// 2030-01-01T00:00:00Z.
const EPOCH: u64 = 1_893_456_000;

/// A wall clock that goes with tokio's time, and so stands still and moves on as a test with a paused clock says.
///
/// An operator that reads the wall clock does it through a function that is given to it: in production
/// [`SystemTime::now`], in a test [`Clock::now`].
///
/// ```
/// # use std::time::{Duration, SystemTime};
/// # use steersman::testing::Clock;
/// struct Controller {
///     now: Box<dyn Fn() -> SystemTime + Send + Sync>,
/// }
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() {
/// let clock = Clock::at(SystemTime::UNIX_EPOCH + Duration::from_secs(1_900_000_000));
/// let controller = Controller { now: Box::new(move || clock.now()) };
/// let before = (controller.now)();
/// tokio::time::sleep(Duration::from_secs(3600)).await;
/// assert_eq!((controller.now)().duration_since(before).unwrap(), Duration::from_secs(3600));
/// # }
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    begin: SystemTime,
    since: Instant,
}

impl Clock {
    /// A clock on which it is this time now.
    #[must_use]
    pub fn at(time: SystemTime) -> Self {
        Self { begin: time, since: Instant::now() }
    }

    /// The time on it.
    #[must_use]
    pub fn now(&self) -> SystemTime {
        self.begin + self.since.elapsed()
    }

    /// The time since the clock was made.
    #[must_use]
    pub fn elapsed(&self) -> Duration {
        self.since.elapsed()
    }

    /// The time as objects have it: in whole seconds.
    pub(super) fn stamp(&self) -> String {
        let since = self.now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        let seconds = i64::try_from(since.as_secs()).unwrap_or_default();
        Timestamp::from_second(seconds).map(|time| time.to_string()).unwrap_or_default()
    }
}

/// A clock on which a new decade begins now: 2030-01-01, at midnight in UTC.
impl Default for Clock {
    fn default() -> Self {
        Self::at(SystemTime::UNIX_EPOCH + Duration::from_secs(EPOCH))
    }
}
