//! Whether this replica may write.

use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::watch;

use crate::clock::now;

/// The refusal of a request that would change something, because this replica does not lead. Nothing was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this replica does not lead, so it writes nothing; the replica that leads does")]
pub(crate) struct NotLeading;

/// What every write passes. It is looked at at the moment of sending, so that a process which was stopped meanwhile sends
/// nothing when it goes on.
pub(crate) struct Gate {
    open: Mutex<Open>,
    /// The writes that have passed and are not answered.
    under_way: watch::Sender<usize>,
}

#[derive(Clone, Copy, Debug)]
enum Open {
    /// Nobody else can lead.
    Always,
    No,
    Until(Moment),
}

/// A moment on the monotonic clock and, where there is one, on the clock that goes on while the machine sleeps: whichever
/// reaches it first.
#[derive(Clone, Copy, Debug)]
struct Moment {
    at: Instant,
    awake: Option<Duration>,
}

impl Gate {
    /// Without leader election.
    pub(crate) fn open() -> Self {
        Self::new(Open::Always)
    }

    /// With it, before anything is known.
    pub(crate) fn closed() -> Self {
        Self::new(Open::No)
    }

    fn new(open: Open) -> Self {
        Self { open: Mutex::new(open), under_way: watch::Sender::new(0) }
    }

    /// From now on it is open until `end`, which is not far; however long nobody looks after it, it is closed then.
    pub(crate) fn open_until(&self, end: Instant) {
        let left = end.saturating_duration_since(now());
        *self.lock() = Open::Until(Moment { at: end, awake: awake().map(|time| time + left) });
    }

    /// From now on it is closed.
    pub(crate) fn close(&self) {
        *self.lock() = Open::No;
    }

    pub(crate) fn is_open(&self) -> bool {
        self.lock().is_open()
    }

    /// Lets one write through. It is under way until the result is dropped.
    pub(crate) fn pass(&self) -> Result<Passed<'_>, NotLeading> {
        // Counted under the lock, so that who has closed the gate sees every write that came before.
        let open = self.lock();
        if !open.is_open() {
            return Err(NotLeading);
        }
        self.under_way.send_modify(|count| *count += 1);
        Ok(Passed(self))
    }

    /// Waits until every write that has passed is answered, or given up.
    pub(crate) async fn quiet(&self) {
        let _ = self.under_way.subscribe().wait_for(|count| *count == 0).await;
    }

    fn lock(&self) -> MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Open {
    fn is_open(self) -> bool {
        match self {
            Self::Always => true,
            Self::No => false,
            Self::Until(Moment { at, awake: until }) => {
                now() < at && until.zip(awake()).is_none_or(|(until, awake)| awake < until)
            }
        }
    }
}

impl fmt::Debug for Gate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Gate").field("open", &*self.lock()).finish_non_exhaustive()
    }
}

/// A write under way.
#[derive(Debug)]
pub(crate) struct Passed<'a>(&'a Gate);

impl Drop for Passed<'_> {
    fn drop(&mut self) {
        self.0.under_way.send_modify(|count| *count -= 1);
    }
}

/// The time since the machine was started, its sleep included, which the monotonic clock leaves out on Linux.
fn awake() -> Option<Duration> {
    #[cfg(any(target_os = "linux", target_os = "android"))]
    {
        let time = rustix::time::clock_gettime(rustix::time::ClockId::Boottime);
        Some(Duration::new(time.tv_sec.try_into().ok()?, time.tv_nsec.try_into().ok()?))
    }
    #[cfg(not(any(target_os = "linux", target_os = "android")))]
    None
}

#[cfg(test)]
mod tests {
    use futures::FutureExt;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn it_closes_by_itself() {
        let gate = Gate::closed();
        assert!(!gate.is_open() && gate.pass().is_err());
        gate.open_until(now() + Duration::from_secs(10));
        assert!(gate.pass().is_ok());
        tokio::time::advance(Duration::from_millis(9_999)).await;
        assert!(gate.pass().is_ok());
        gate.open_until(now() + Duration::from_secs(10));
        tokio::time::advance(Duration::from_secs(10)).await;
        assert!(gate.pass().is_err() && !gate.is_open());
        gate.open_until(now() + Duration::from_secs(1));
        gate.close();
        assert!(gate.pass().is_err());
        assert!(Gate::open().pass().is_ok());
    }

    #[test]
    fn a_machine_that_has_slept_writes_nothing() {
        let moment = |at, awake| Open::Until(Moment { at, awake });
        let later = now() + Duration::from_secs(10);
        assert!(moment(later, None).is_open());
        if let Some(awake) = awake() {
            assert!(moment(later, Some(awake + Duration::from_secs(10))).is_open());
            assert!(!moment(later, Some(awake)).is_open(), "the monotonic clock has stood still meanwhile");
        }
    }

    #[tokio::test]
    async fn what_has_passed_is_waited_for() {
        let gate = Gate::open();
        let (first, second) = (gate.pass().unwrap(), gate.pass().unwrap());
        let mut quiet = Box::pin(gate.quiet());
        assert!(quiet.as_mut().now_or_never().is_none());
        drop(first);
        assert!(quiet.as_mut().now_or_never().is_none());
        drop(second);
        assert!(quiet.as_mut().now_or_never().is_some());
    }
}
