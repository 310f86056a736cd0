//! What is counted of one run.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use super::state::RunState;
use crate::clock::now;
use crate::core::account::{RunResult, RunTask};
use crate::core::attempt::Attempt;
use crate::core::fingerprint::{Sight, Suspect};
use crate::core::history::{self, pack};
use crate::core::key::Key;

/// The counters of one run.
#[derive(Debug)]
pub(crate) struct RunCounts {
    began: Instant,
    writes: AtomicU32,
    skipped: AtomicU32,
    /// Where the writes went; see [`history::Run::written`].
    written: AtomicU32,
    /// How it ends, where its outcome says less.
    noted: OnceLock<RunResult>,
    ended: OnceLock<(RunResult, Duration)>,
}

/// A run that has ended, as the log has it.
#[derive(Debug)]
pub(crate) struct Account {
    pub(crate) result: RunResult,
    pub(crate) seconds: f64,
    pub(crate) writes: u32,
    pub(crate) skipped: u32,
    /// The object whose write has made another run follow.
    pub(crate) provoked_by: Option<String>,
}

impl RunCounts {
    pub(super) fn new() -> Self {
        Self {
            began: now(),
            writes: AtomicU32::new(0),
            skipped: AtomicU32::new(0),
            written: AtomicU32::new(0),
            noted: OnceLock::new(),
            ended: OnceLock::new(),
        }
    }

    /// Notes how the run ends, where its outcome will say less.
    pub(crate) fn note(&self, result: RunResult) {
        let _ = self.noted.set(result);
    }
}

impl RunState {
    /// Counts a write that is sent.
    pub(super) fn sent(&self, index: usize) {
        self.member.stats.counters().writes.add();
        self.counts.writes.fetch_add(1, Ordering::Relaxed);
        self.counts.written.fetch_or(1 << index.min(15), Ordering::Relaxed);
    }

    /// Whether a write that would change nothing may be left out. Counts it if so.
    pub(super) fn skips(&self, index: usize, attempt: &Attempt) -> bool {
        let skips = attempt.skip(&mut self.sight());
        if skips {
            self.member.stats.counters().skipped[index].add();
            self.counts.skipped.fetch_add(1, Ordering::Relaxed);
        }
        skips
    }

    /// The end of the run, counted once.
    pub(crate) fn end(&self, result: RunResult) -> Account {
        let result = self.counts.noted.get().copied().unwrap_or(result);
        let took = now().saturating_duration_since(self.counts.began);
        if self.counts.ended.set((result, took)).is_ok() {
            self.member.stats.end(RunTask::of(&self.task), result, took);
        }
        let provoker = self.provoker(&self.sight());
        Account {
            result,
            seconds: took.as_secs_f64(),
            writes: self.counts.writes.load(Ordering::Relaxed),
            skipped: self.counts.skipped.load(Ordering::Relaxed),
            provoked_by: provoker.map(|(index, key)| self.object_name(index, &key).to_string()),
        }
    }

    /// The ended run, to be remembered, and the object whose write makes another one follow.
    pub(crate) fn account(&self, sight: &Sight) -> (history::Run, Option<(usize, Key)>) {
        let (result, took) = self.counts.ended.get().copied().unwrap_or((RunResult::Cancelled, Duration::ZERO));
        let counters = self.member.stats.counters();
        let provoked = sight.is_poisoned() && succeeded(result);
        let provoker = self.provoker(sight).filter(|_| provoked);
        if provoked {
            counters.provoke(provoker.as_ref().map(|(index, _)| *index));
        }
        let run = history::Run {
            began: self.counts.began,
            took,
            task: RunTask::of(&self.task),
            result,
            triggers: pack(&self.triggers, |name| counters.secondary(name).saturating_sub(1)),
            writes: self.counts.writes.load(Ordering::Relaxed),
            written: self.counts.written.load(Ordering::Relaxed) as u16,
            provoked,
        };
        (run, provoker)
    }

    /// The first object whose answer may hide something foreign, if one does.
    fn provoker(&self, sight: &Sight) -> Option<(usize, Key)> {
        let Suspect { index, before, after } = sight.suspect().filter(|_| sight.is_poisoned())?;
        Some((*index, after.as_ref().or(before.as_ref())?.key.clone()))
    }
}

#[cfg(feature = "testing")]
impl RunState {
    /// Whose requests these are.
    pub(super) fn sender(&self, sight: &Sight) -> crate::testing::SentBy {
        crate::testing::SentBy { operator: self.member.name, primary: sight.view().primary.key.clone() }
    }

    /// Tells a test of the begin of the run.
    pub(crate) fn note_begin(&self) {
        if let Some(journal) = &self.member.shared.journal {
            let kind = &self.member.kinds[crate::core::fingerprint::PRIMARY];
            journal.began(self.member.name, kind, &self.primary().key, &self.task, &self.triggers);
        }
    }

    /// Tells a test of its error.
    pub(crate) fn note_error(&self, error: &str) {
        if let Some(journal) = &self.member.shared.journal {
            journal.failed(&self.sender(&self.sight()), error);
        }
    }

    /// Tells a test of its end.
    pub(crate) fn note_end(&self, sight: &Sight, ran: &history::Run) {
        if let Some(journal) = &self.member.shared.journal {
            let skipped = self.counts.skipped.load(Ordering::Relaxed);
            journal.ended(&self.sender(sight), ran.result, skipped, ran.provoked);
        }
    }
}

/// A run that has failed is repeated anyway.
fn succeeded(result: RunResult) -> bool {
    matches!(result, RunResult::Success | RunResult::Requeue | RunResult::Again | RunResult::Terminal)
}
