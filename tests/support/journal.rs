//! What reconcilers did, and how a test holds them up.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;

use crate::eventually;

/// Lines that reconcilers write and a test reads. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Journal(Arc<Mutex<Vec<String>>>);

impl Journal {
    /// Adds a line.
    pub fn note(&self, line: impl Into<String>) {
        self.lock().push(line.into());
    }

    /// All lines so far.
    pub fn lines(&self) -> Vec<String> {
        self.lock().clone()
    }

    /// How many lines begin so.
    pub fn count(&self, prefix: &str) -> usize {
        self.lock().iter().filter(|line| line.starts_with(prefix)).count()
    }

    /// Takes all lines out.
    pub fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.lock())
    }

    /// Waits until so many lines begin so.
    pub async fn reaches(&self, prefix: &str, count: usize) {
        let what = format!("{count} lines in the journal begin with `{prefix}`");
        eventually(&what, async || self.count(prefix) >= count).await;
    }

    fn lock(&self) -> MutexGuard<'_, Vec<String>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Holds up whoever passes while it is closed. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Gate(watch::Sender<bool>);

impl Gate {
    /// A closed one.
    pub fn closed() -> Self {
        Self(watch::Sender::new(false))
    }

    /// An open one.
    pub fn open() -> Self {
        Self(watch::Sender::new(true))
    }

    /// Lets nobody through from now on.
    pub fn shut(&self) {
        self.0.send_replace(false);
    }

    /// Lets everybody through from now on.
    pub fn release(&self) {
        self.0.send_replace(true);
    }

    /// Goes through, as soon as the gate is open.
    pub async fn pass(&self) {
        let mut state = self.0.subscribe();
        let _ = state.wait_for(|open| *open).await;
    }
}
