//! What reconcilers did.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

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
