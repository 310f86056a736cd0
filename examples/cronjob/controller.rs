//! The reconciler.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{Condition, Time};
use kube::ResourceExt;
use steersman::{Action, Conditions, Event, WriteError};

use super::api::{CronJob, CronJobContext, CronJobReconciler, CronJobSnapshot, CronJobStatus};
use super::desired;
use super::plan::{Plan, Run, State, Verdict};
use super::schedule::ScheduleError;

/// Starts the Jobs of a [`CronJob`] when they are due, and no sooner looks at it again, unless it or one of its Jobs changes.
pub struct Controller {
    now: Box<dyn Fn() -> Timestamp + Send + Sync>,
}

impl Controller {
    /// With another clock than the system's.
    pub fn with_clock(now: impl Fn() -> Timestamp + Send + Sync + 'static) -> Self {
        Self { now: Box::new(now) }
    }
}

impl Default for Controller {
    fn default() -> Self {
        Self::with_clock(Timestamp::now)
    }
}

impl fmt::Debug for Controller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Controller").finish_non_exhaustive()
    }
}

impl CronJobReconciler for Controller {
    type Error = WriteError;

    async fn reconcile(
        &self,
        cron: Arc<CronJob>,
        seen: CronJobSnapshot,
        cx: CronJobContext,
    ) -> Result<Action, WriteError> {
        let now = (self.now)();
        let runs: Vec<_> = seen.jobs.iter().map(|job| desired::run(job)).collect();
        let plan = Plan::new(&cron.spec, settled(&cron), &runs, now);
        for name in &plan.forget {
            cx.jobs().delete(name).await?;
        }
        for name in &plan.replace {
            if cx.jobs().delete(name).await? {
                cx.event(Event::normal("Replaced", "Delete", name));
            }
        }
        if let Some(scheduled) = plan.start {
            let job = cx.jobs().apply(desired::job(&cron, scheduled)).await?;
            let note = format!("{}, due at {}", job.name_any(), desired::text(scheduled));
            cx.event(Event::normal("Started", "Start", note).related(&*job));
        }
        report(&cron, &plan, &seen, &cx, now).await?;
        Ok(plan.next.map_or(Action::await_change(), |next| Action::requeue(between(now, next))))
    }
}

/// Up to when everything that was due is settled.
fn settled(cron: &CronJob) -> Timestamp {
    let last = cron.status.as_ref().and_then(|status| status.last_schedule_time.as_ref());
    last.or(cron.metadata.creation_timestamp.as_ref()).map(|time| time.0).unwrap_or_default()
}

fn between(now: Timestamp, next: Timestamp) -> Duration {
    next.duration_since(now).try_into().unwrap_or_default()
}

/// Applies the status, and tells the news in it.
async fn report(
    cron: &CronJob,
    plan: &Plan,
    seen: &CronJobSnapshot,
    cx: &CronJobContext,
    now: Timestamp,
) -> Result<(), WriteError> {
    let old = cron.status.clone().unwrap_or_default();
    for job in seen.jobs.iter().filter(|job| old.active.iter().any(|active| active.uid == job.metadata.uid)) {
        match desired::run(job) {
            Run { state: State::Active, .. } => {}
            Run { state: State::Succeeded, name, .. } => {
                cx.event(Event::normal("Succeeded", "Wait", name).related(&**job));
            }
            Run { state: State::Failed, name, .. } => cx.event(Event::warning("Failed", "Wait", name).related(&**job)),
        }
    }
    let succeeded = seen.jobs.iter().filter_map(|job| job.status.as_ref()?.completion_time.clone());
    // With the Job that was started, and without those that were deleted.
    let jobs = cx.snapshot().jobs;
    let runs = || jobs.iter().map(|job| (job, desired::run(job)));
    let status = CronJobStatus {
        active: runs().filter(|(_, run)| run.state == State::Active).map(|(job, _)| desired::reference(job)).collect(),
        last_schedule_time: runs().map(|(_, run)| Time(run.scheduled)).chain(old.last_schedule_time).max(),
        last_successful_time: succeeded.chain(old.last_successful_time).max(),
        conditions: conditions(cron, &old.conditions, &plan.verdict, cx, now),
    };
    cx.apply_status(status).await?;
    Ok(())
}

/// The condition `OnSchedule`, and an event if it says something new.
fn conditions(
    cron: &CronJob,
    old: &[Condition],
    verdict: &Verdict,
    cx: &CronJobContext,
    now: Timestamp,
) -> Vec<Condition> {
    const TYPE: &str = "OnSchedule";
    let (holds, reason, message) = match verdict {
        Verdict::OnSchedule => (true, "OnSchedule", String::new()),
        Verdict::CaughtUp(missed @ 0..=100) => (true, "CaughtUp", format!("{missed} times had no Job")),
        Verdict::CaughtUp(_) => (
            true,
            "TooManyMissedTimes",
            "more than 100 times had no Job; set or decrease startingDeadlineSeconds, or check the clocks".to_owned(),
        ),
        Verdict::StillRunning(due) => {
            (false, "StillRunning", format!("a Job is due since {}, and an older one still runs", desired::text(*due)))
        }
        Verdict::TooLate(due) => {
            (false, "DeadlineMissed", format!("the Job of {} was not started in time", desired::text(*due)))
        }
        Verdict::Suspended => (false, "Suspended", "no Jobs are started".to_owned()),
        Verdict::Error(ScheduleError::Invalid(error)) => {
            (false, "InvalidSchedule", format!("`{}`: {error}", cron.spec.schedule))
        }
        Verdict::Error(ScheduleError::UnknownTimeZone(zone)) => {
            (false, "UnknownTimeZone", format!("there is no time zone `{zone}`"))
        }
    };
    let mut conditions = Conditions::of(old, cron.metadata.generation).at(Time(now));
    let is_news = conditions.get(TYPE).is_none_or(|before| before.reason != reason || before.message != message);
    if is_news && !matches!(verdict, Verdict::OnSchedule | Verdict::Suspended) {
        cx.event(Event::warning(reason, "Schedule", message.clone()));
    }
    conditions.set(TYPE, holds, reason, message);
    conditions.into_vec()
}
