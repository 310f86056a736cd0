//! The story of the CronJob: time passes, and the operator sleeps in between.

use examples::cronjob::api::CronJob;
use examples::cronjob::desired::text;
use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use k8s_openapi::api::batch::v1::Job;
use kube::ResourceExt;
use kube::api::{ListParams, Patch, PatchParams, PostParams};
use serde_json::{Value, json};

use crate::stage::{Stage, Told, eventually};

const NAME: &str = "hello";

/// The teller.
pub(crate) struct Story<'s>(pub(crate) &'s mut Stage);

impl Story<'_> {
    /// Tells everything; fails with the step that did not happen.
    pub(crate) async fn tell(&mut self) -> Told<()> {
        println!("CronJob operator: time is a requeue. Namespace {}.", self.0.namespace);
        self.0.start().await?;
        self.create().await?;
        self.due().await?;
        self.fail().await?;
        self.suspend().await?;
        self.restart().await
    }

    async fn create(&mut self) -> Told<()> {
        let step = self.0.step("create", "a CronJob is created that is due each midnight");
        let cron = CronJob::new(NAME, serde_json::from_value(spec())?);
        self.0.api::<CronJob>().create(&PostParams::default(), &cron).await?;
        self.until_condition("OnSchedule").await?;
        self.0.done(step, "it knows when to wake up").await
    }

    async fn due(&mut self) -> Told<()> {
        let time = soon();
        let step = self.0.step("due", &format!("its schedule is changed: it is due at {}", text(time)));
        self.change(json!({ "schedule": at(time) })).await?;
        let job = self.until_job(time).await?;
        self.until_ended(&job).await?;
        self.0.done(step, &format!("the Job {job} was started, and its Pod has succeeded")).await
    }

    async fn fail(&mut self) -> Told<()> {
        let time = soon();
        let step = self.0.step("fail", &format!("the next Job, at {}, fails", text(time)));
        let fails = json!({ "control-plane.steersman.dev/job": "fails" });
        let template = json!({ "spec": { "template": { "metadata": { "annotations": fails } } } });
        self.change(json!({ "schedule": at(time), "jobTemplate": template })).await?;
        let job = self.until_job(time).await?;
        self.until_ended(&job).await?;
        self.0.done(step, &format!("the Job {job} has ended; see its event")).await
    }

    async fn suspend(&mut self) -> Told<()> {
        let step = self.0.step("suspend", "the CronJob is suspended");
        self.change(json!({ "suspend": true })).await?;
        self.until_condition("Suspended").await?;
        self.0.done(step, "it does not wake up any more").await
    }

    async fn restart(&mut self) -> Told<()> {
        self.0.operator.stop().await?;
        let time = soon();
        let step = self.0.step(
            "missed",
            &format!(
                "while the operator is down, {} passes, and the CronJob is resumed; then it is started",
                text(time)
            ),
        );
        self.change(json!({ "schedule": at(time), "suspend": false })).await?;
        eventually("the time to pass", || async { Ok((Timestamp::now() > time).then_some(())) }).await?;
        self.0.operator.start()?;
        let job = self.until_job(time).await?;
        self.until_ended(&job).await?;
        self.0.done(step, &format!("the Job {job} is made up for")).await
    }

    async fn change(&self, spec: Value) -> Told<()> {
        let patch = json!({ "spec": spec });
        self.0.api::<CronJob>().patch(NAME, &PatchParams::default(), &Patch::Merge(&patch)).await?;
        Ok(())
    }

    async fn until_condition(&self, reason: &str) -> Told<()> {
        let crons = self.0.api::<CronJob>();
        eventually(&format!("the condition {reason}"), || async {
            let status = crons.get(NAME).await?.status.unwrap_or_default();
            Ok(status.conditions.iter().any(|condition| condition.reason == reason).then_some(()))
        })
        .await
    }

    async fn until_job(&self, time: Timestamp) -> Told<String> {
        let jobs = self.0.api::<Job>();
        let name = format!("{NAME}-{}", time.as_second());
        eventually("the Job", || async {
            let all = jobs.list(&ListParams::default()).await?;
            Ok(all.into_iter().map(|job| job.name_any()).find(|found| *found == name))
        })
        .await
    }

    /// Until the status does not name the Job any more.
    async fn until_ended(&self, job: &str) -> Told<()> {
        let crons = self.0.api::<CronJob>();
        eventually("the Job to end", || async {
            let status = crons.get(NAME).await?.status.unwrap_or_default();
            let known = status.last_schedule_time.is_some_and(|last| job.ends_with(&last.0.as_second().to_string()));
            Ok((known && status.active.is_empty()).then_some(()))
        })
        .await
    }
}

/// A moment from now, as schedules know it.
fn soon() -> Timestamp {
    let time = Timestamp::now() + SignedDuration::from_secs(3);
    Timestamp::from_second(time.as_second()).unwrap_or(time)
}

/// The schedule that is due at this time of each day.
fn at(time: Timestamp) -> String {
    let time = time.to_zoned(TimeZone::UTC);
    format!("{} {} {} * * *", time.second(), time.minute(), time.hour())
}

fn spec() -> Value {
    json!({
        "schedule": "@daily",
        "timeZone": "UTC",
        "concurrencyPolicy": "Forbid",
        "jobTemplate": { "spec": {
            "backoffLimit": 0,
            "template": { "spec": { "restartPolicy": "Never", "containers": [{ "name": "hello", "image": "busybox:1" }] } },
        } },
    })
}
