//! What an operator has done so far, counted.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use crate::trigger::Triggers;

/// Counters of one operator since its start. Cheap to clone; all clones count the same.
#[derive(Clone, Debug, Default)]
pub struct Stats(Arc<Counters>);

#[derive(Debug, Default)]
struct Counters {
    runs: AtomicU64,
    failures: AtomicU64,
    writes: AtomicU64,
    wake_ups: Mutex<BTreeMap<&'static str, u64>>,
}

impl Stats {
    /// Runs begun: `reconcile`, split handlers and `cleanup` alike.
    pub fn runs(&self) -> u64 {
        self.0.runs.load(Ordering::Relaxed)
    }

    /// Runs that ended with an error, a panic or a timeout.
    pub fn failures(&self) -> u64 {
        self.0.failures.load(Ordering::Relaxed)
    }

    /// Write requests sent by runs, conflicts and refused ones included.
    pub fn writes(&self) -> u64 {
        self.0.writes.load(Ordering::Relaxed)
    }

    /// Runs by trigger; a run with several triggers counts once for each. The words are those of
    /// [`Trigger::as_str`](crate::Trigger::as_str).
    pub fn wake_ups(&self) -> BTreeMap<&'static str, u64> {
        self.0.wake_ups.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn run(&self, triggers: &Triggers) {
        self.0.runs.fetch_add(1, Ordering::Relaxed);
        let mut wake_ups = self.0.wake_ups.lock().unwrap_or_else(PoisonError::into_inner);
        for trigger in triggers.iter() {
            *wake_ups.entry(trigger.as_str()).or_default() += 1;
        }
    }

    pub(crate) fn failure(&self) {
        self.0.failures.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn write(&self) {
        self.0.writes.fetch_add(1, Ordering::Relaxed);
    }
}
