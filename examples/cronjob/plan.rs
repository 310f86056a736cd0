//! What is to be done now: a pure function of the spec, the Jobs and the time.

use jiff::{SignedDuration, Timestamp};

use super::api::{ConcurrencyPolicy, CronJobSpec};
use super::schedule::{Schedule, ScheduleError};

/// Beyond so many, missed times are not counted.
const MOST: usize = 100;

/// A Job of the CronJob.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    /// Its name.
    pub name: String,
    /// The time for which it was started.
    pub scheduled: Timestamp,
    /// How it is.
    pub state: State,
}

/// How a Job is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// It has not ended.
    Active,
    /// It has succeeded.
    Succeeded,
    /// It has failed.
    Failed,
}

/// What is to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// The time for which a Job is to be started.
    pub start: Option<Timestamp>,
    /// The Jobs that have to make room for it.
    pub replace: Vec<String>,
    /// The Jobs that are older than the history.
    pub forget: Vec<String>,
    /// How it is with the schedule.
    pub verdict: Verdict,
    /// When to look again if nothing happens before; `None` if time changes nothing.
    pub next: Option<Timestamp>,
}

/// How it is with the schedule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Nothing is overdue.
    OnSchedule,
    /// A Job is started for the last of several times; so many before it had none. More than 100 are 101.
    CaughtUp(usize),
    /// A Job would be due since then, and an older one still runs.
    StillRunning(Timestamp),
    /// A Job was due then, and it is too late for it.
    TooLate(Timestamp),
    /// Nothing is started, by request.
    Suspended,
    /// There is nothing to go by.
    Error(ScheduleError),
}

impl Plan {
    /// What is to be done for this spec at the time `now`. Everything that was due up to `settled` is settled: that is the creation
    /// of the CronJob, or the last time for which a Job was started.
    ///
    /// Of several times that are due, only the last one gets a Job, however many there are.
    pub fn new(spec: &CronJobSpec, settled: Timestamp, runs: &[Run], now: Timestamp) -> Self {
        let forget =
            [(State::Succeeded, spec.successful_jobs_history_limit), (State::Failed, spec.failed_jobs_history_limit)];
        let forget = forget.into_iter().flat_map(|(state, limit)| oldest(runs, state, limit)).collect();
        let idle = |verdict, next| Self { start: None, replace: Vec::new(), forget, verdict, next };
        let schedule = match Schedule::of(spec) {
            Ok(schedule) => schedule,
            Err(error) => return idle(Verdict::Error(error), None),
        };
        if spec.suspend {
            return idle(Verdict::Suspended, None);
        }
        let settled = runs.iter().map(|run| run.scheduled).fold(settled, Timestamp::max);
        let Some(next) = schedule.after(now.max(settled)) else {
            return idle(Verdict::Error(ScheduleError::Invalid("its time never comes".to_owned())), None);
        };
        let Some(due) = schedule.until(now).filter(|due| *due > settled) else {
            return idle(Verdict::OnSchedule, Some(next));
        };
        let allowed = spec.starting_deadline_seconds.map(SignedDuration::from_secs);
        if allowed.is_some_and(|allowed| now.duration_since(due) > allowed) {
            return idle(Verdict::TooLate(due), Some(next));
        }
        let active: Vec<_> = runs.iter().filter(|run| run.state == State::Active).map(|run| run.name.clone()).collect();
        let replace = match spec.concurrency_policy {
            ConcurrencyPolicy::Allow => Vec::new(),
            ConcurrencyPolicy::Forbid if active.is_empty() => Vec::new(),
            ConcurrencyPolicy::Forbid => return idle(Verdict::StillRunning(due), Some(next)),
            ConcurrencyPolicy::Replace => active,
        };
        let verdict = match schedule.count(settled, due, MOST + 2) {
            0 | 1 => Verdict::OnSchedule,
            count => Verdict::CaughtUp(count - 1),
        };
        Self { start: Some(due), replace, ..idle(verdict, Some(next)) }
    }
}

/// The names of those in this state that are more than `limit`, the oldest.
fn oldest(runs: &[Run], state: State, limit: i32) -> Vec<String> {
    let mut ended: Vec<_> = runs.iter().filter(|run| run.state == state).collect();
    ended.sort_by_key(|run| (run.scheduled, &run.name));
    let more = ended.len().saturating_sub(usize::try_from(limit).unwrap_or_default());
    ended.into_iter().take(more).map(|run| run.name.clone()).collect()
}
