//! The runs of a test.

use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::clock::Clock;
use crate::core::key::Key;
use crate::core::world::Task;
use crate::kind::KindInfo;
use crate::stats::{RunResult, RunTask};
use crate::trigger::Triggers;

/// One run of the runtime, of whichever operator.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Run {
    /// The operator's name.
    pub operator: &'static str,
    /// The kind of the primary, without its group.
    pub kind: String,
    /// The primary: `namespace/name`, or `name`.
    pub primary: String,
    /// Why it was woken.
    pub triggers: Triggers,
    /// What ran.
    pub task: RunTask,
    /// How that ended; `None` while it goes on.
    pub result: Option<RunResult>,
    /// What it failed with, with all causes.
    pub error: Option<String>,
    /// When it began: the time of the API server's clock since that was made.
    pub at: Duration,
    /// How many writes it left out, because they would have changed nothing.
    pub skipped: u32,
    /// Whether an own write has made another run follow.
    pub provoked: bool,
}

/// `default/web WebApp: reconcile by primary, service: success`.
impl fmt::Display for Run {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { kind, primary, triggers, task, result, error, skipped, provoked, .. } = self;
        write!(f, "{kind} {primary}: {task} by {triggers}: ")?;
        match result {
            Some(result) => write!(f, "{result}")?,
            None => f.write_str("goes on")?,
        }
        if let Some(error) = error {
            write!(f, ": {error}")?;
        }
        if *skipped > 0 {
            write!(f, ", {skipped} writes left out")?;
        }
        if *provoked {
            f.write_str(", and its writes have made another run follow")?;
        }
        Ok(())
    }
}

/// In the extensions of a request: the run that sends it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct SentBy {
    pub(crate) operator: &'static str,
    pub(crate) primary: Key,
}

/// What the engine tells of the runs that it starts.
#[derive(Debug)]
pub(crate) struct Journal {
    clock: Clock,
    runs: Mutex<Vec<Run>>,
}

impl Journal {
    pub(super) fn new(clock: Clock) -> Self {
        Self { clock, runs: Mutex::default() }
    }

    /// A run begins.
    pub(crate) fn began(
        &self,
        operator: &'static str,
        kind: &KindInfo,
        primary: &Key,
        task: &Task,
        triggers: &Triggers,
    ) {
        self.lock().push(Run {
            operator,
            kind: kind.kind.to_string(),
            primary: primary.to_string(),
            triggers: triggers.clone(),
            task: RunTask::of(task),
            result: None,
            error: None,
            at: self.clock.elapsed(),
            skipped: 0,
            provoked: false,
        });
    }

    /// It has failed.
    pub(crate) fn failed(&self, by: &SentBy, error: &str) {
        let mut runs = self.lock();
        if let Some(place) = last(&runs, by) {
            runs[place].error = Some(error.to_owned());
        }
    }

    /// It has ended.
    pub(crate) fn ended(&self, by: &SentBy, result: RunResult, skipped: u32, provoked: bool) {
        let mut runs = self.lock();
        if let Some(place) = last(&runs, by) {
            let run = &mut runs[place];
            (run.result, run.skipped, run.provoked) = (Some(result), skipped, provoked);
        }
    }

    /// The run that a request belongs to: of one primary there never are two.
    pub(super) fn place(&self, by: &SentBy) -> Option<usize> {
        last(&self.lock(), by)
    }

    pub(super) fn runs(&self) -> Vec<Run> {
        self.lock().clone()
    }

    pub(super) fn count(&self) -> usize {
        self.lock().len()
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Run>> {
        self.runs.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn last(runs: &[Run], by: &SentBy) -> Option<usize> {
    let primary = by.primary.to_string();
    runs.iter().rposition(|run| run.operator == by.operator && run.primary == primary)
}
