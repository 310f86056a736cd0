//! Why one primary was woken, and what tests may say of that.

use std::fmt;
use std::time::Duration;

use super::Stats;
use crate::core::account::{RunResult, RunTask};
use crate::core::history::{Memory, Remembered};
use crate::core::key::Key;
use crate::trigger::Triggers;

/// One run of a primary, as it is remembered.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct WakeUp {
    /// Why it was woken. The secondaries from the 26th on are taken for one.
    pub triggers: Triggers,
    /// What ran.
    pub task: RunTask,
    /// How that ended.
    pub result: RunResult,
    /// How long it took.
    pub duration: Duration,
    /// How many writes it sent; at most 255.
    pub writes: u32,
    /// Whether an own write has made another run follow.
    pub provoked: bool,
}

/// The last runs of one primary: at most 8, those of the object that has the name now.
///
/// ```no_run
/// # async fn test(stats: steersman::Stats) {
/// let wake_ups = stats.wake_ups_of("default", "web");
/// wake_ups.assert_triggers(&["primary", "config_maps"]);
/// wake_ups.assert_unprovoked();
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct WakeUps {
    primary: String,
    /// `None`: there is no such primary.
    runs: Option<u32>,
    last: Vec<WakeUp>,
    provoker: Option<String>,
}

impl WakeUps {
    pub(super) fn look(stats: &Stats, namespace: Option<&str>, name: &str) -> Self {
        let key = Key::new(namespace, name);
        let places = &stats.counters().places;
        let primary = format!("{} {key}", places[0].kind);
        let memory = stats.running().and_then(|(shared, id)| shared.world().memory(id, &key));
        let Some(Memory { runs, last, provoker }) = memory else {
            return Self { primary, runs: None, last: Vec::new(), provoker: None };
        };
        let wake_up = |Remembered { run, triggers }: Remembered| WakeUp {
            triggers,
            task: run.task,
            result: run.result,
            duration: run.took,
            writes: run.writes,
            provoked: run.provoked,
        };
        let kind = |index: usize| places.get(index).map_or("?", |place| &place.kind);
        let provoker = provoker.map(|(index, key)| format!("{} {key}", kind(index)));
        Self { primary, runs: Some(runs), last: last.into_iter().map(wake_up).collect(), provoker }
    }

    /// How often it has run, the forgotten runs included. Runs that go on do not count.
    pub fn count(&self) -> u32 {
        self.runs.unwrap_or_default()
    }

    /// The last runs, the oldest first.
    pub fn last(&self) -> &[WakeUp] {
        &self.last
    }

    /// How many of the last runs were woken by this trigger, beside others maybe; the words are those of
    /// [`Trigger::as_str`](crate::Trigger::as_str).
    pub fn by(&self, trigger: &str) -> usize {
        self.last.iter().filter(|run| run.triggers.iter().any(|other| other.as_str() == trigger)).count()
    }

    /// How many of the last runs were followed by another one because of what they wrote.
    pub fn provoked(&self) -> usize {
        self.last.iter().filter(|run| run.provoked).count()
    }

    /// The object whose write has made another run follow, the last time that one did: `ConfigMap default/web`.
    pub fn provoked_by(&self) -> Option<&str> {
        self.provoker.as_deref()
    }

    /// For tests: that these were all runs, each with exactly these triggers: `"primary"`, or `"config_maps, retry"`.
    ///
    /// # Panics
    /// If they were not, with a table of those that were; or if some are forgotten already.
    #[track_caller]
    pub fn assert_triggers(&self, expected: &[&str]) {
        let were: Vec<String> = self.last.iter().map(|run| run.triggers.to_string()).collect();
        let forgotten = self.count() as usize > self.last.len();
        assert!(!forgotten && were == expected, "expected are runs by: {}\n{self}", expected.join("; "));
    }

    /// For tests: that no own write has made another run follow.
    ///
    /// # Panics
    /// If one has, with a table of the runs and the object that was written.
    #[track_caller]
    pub fn assert_unprovoked(&self) {
        assert!(
            self.provoked() == 0 && self.provoker.is_none(),
            "expected is that no own write provokes a run\n{self}"
        );
    }
}

/// A table of the runs, the oldest first.
impl fmt::Display for WakeUps {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(runs) = self.runs else { return write!(f, "there is no {}", self.primary) };
        write!(f, "{} has run {runs} times", self.primary)?;
        let forgotten = runs as usize - self.last.len().min(runs as usize);
        if forgotten > 0 {
            write!(f, "; the first {forgotten} are forgotten")?;
        }
        let width = self.last.iter().map(|run| run.triggers.to_string().len()).max().unwrap_or_default();
        for (i, run) in self.last.iter().enumerate() {
            let WakeUp { triggers, task, result, duration, writes, provoked } = run;
            let (number, triggers) = (forgotten + i + 1, triggers.to_string());
            write!(f, "\n  {number:>3}  {triggers:width$}  {task:9}  {result:11}  {duration:>8.1?}  {writes} writes")?;
            if *provoked {
                f.write_str(", which have made another run follow")?;
            }
        }
        match &self.provoker {
            Some(object) => write!(f, "\n  the last write that has made another run follow was of {object}"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trigger::Trigger;

    fn wake_ups(runs: u32, triggers: &[Trigger]) -> WakeUps {
        let run = |trigger: &Trigger| WakeUp {
            triggers: [*trigger].into_iter().collect(),
            task: RunTask::Reconcile,
            result: RunResult::Success,
            duration: Duration::from_millis(3),
            writes: 1,
            provoked: *trigger == Trigger::Retry,
        };
        let last = triggers.iter().map(run).collect();
        WakeUps { primary: "Shelf n/a".into(), runs: Some(runs), last, provoker: Some("ConfigMap n/x".into()) }
    }

    fn failure(test: impl FnOnce() + std::panic::UnwindSafe) -> String {
        *std::panic::catch_unwind(test).unwrap_err().downcast::<String>().unwrap()
    }

    #[test]
    fn what_is_as_expected_is_asserted() {
        let wake_ups = wake_ups(2, &[Trigger::Startup, Trigger::Secondary("config_maps")]);
        wake_ups.assert_triggers(&["startup", "config_maps"]);
        assert_eq!((wake_ups.by("config_maps"), wake_ups.by("primary"), wake_ups.provoked()), (1, 0, 0));
    }

    #[test]
    fn what_is_not_is_shown_as_a_table() {
        let wake_ups = wake_ups(2, &[Trigger::Startup, Trigger::Retry]);
        let said = failure(|| wake_ups.assert_triggers(&["startup"]));
        let expected = "expected are runs by: startup\nShelf n/a has run 2 times\n    1  startup  reconcile  success         3.0ms  1 \
                        writes\n    2  retry    reconcile  success         3.0ms  1 writes, which have made another run follow\n  the \
                        last write that has made another run follow was of ConfigMap n/x";
        assert_eq!(said, expected);
        assert!(failure(|| wake_ups.assert_unprovoked()).starts_with("expected is that no own write provokes a run\n"));
    }

    #[test]
    fn forgotten_runs_are_no_proof() {
        let said = failure(|| wake_ups(9, &[Trigger::Startup]).assert_triggers(&["startup"]));
        assert!(said.contains("has run 9 times; the first 8 are forgotten\n    9  startup"), "{said}");
    }
}
