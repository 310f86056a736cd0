//! How fast a queue goes, and how what begins at once is spread.

use std::time::Duration;

/// Times of the queue that an operator may set.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pace {
    /// How long to wait for further changes after one, where what changed declares nothing else; zero for not at all.
    pub(crate) debounce: Duration,
    /// The period of the resync, spread by ±20 %.
    pub(crate) resync: Option<Duration>,
    /// The wait after the first failure; it doubles with each further one.
    pub(crate) backoff: Duration,
    /// The longest wait after failures.
    pub(crate) max_backoff: Duration,
}

/// SplitMix64: enough to keep a thousand timers from firing at once, and repeatable.
#[derive(Debug)]
pub(crate) struct Jitter(u64);

impl Jitter {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// `time` ±20 %.
    pub(crate) fn spread(&mut self, time: Duration) -> Duration {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ z >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        let unit = ((z ^ z >> 31) >> 11) as f64 / (1u64 << 53) as f64;
        time.mul_f64(0.8 + 0.4 * unit)
    }
}
