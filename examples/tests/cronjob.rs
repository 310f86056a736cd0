//! The CronJob operator on a real control plane, with Jobs that kwok completes, under exactly the rights that it declares.
#![forbid(unsafe_code)]

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use examples::cronjob::api::{CronJob, CronJobSpec, CronJobStatus};
use examples::cronjob::controller::Controller;
use examples::cronjob::schedule::Schedule;
use jiff::{SignedDuration, Timestamp};
use k8s_openapi::api::batch::v1::Job;
use k8s_openapi::api::core::v1::Pod;
use k8s_openapi::api::events::v1::Event;
use kube::api::{ListParams, Patch, PatchParams, PostParams};
use kube::{CustomResourceExt, ResourceExt};
use serde_json::{Value, json};
use steersman::Stats;
use tests::{Operating, Place, eventually, found, install};

/// How the Pods of a Job end, as the control plane's nodes understand it.
const ENDING: &str = "control-plane.steersman.dev/job";

/// The system's clock, set forward.
#[derive(Clone, Default)]
struct Clock(Arc<AtomicI64>);

impl Clock {
    fn now(&self) -> Timestamp {
        Timestamp::now() + SignedDuration::from_millis(self.0.load(Ordering::SeqCst))
    }

    /// Sets it so that it shows this time, and goes on from there.
    fn set(&self, time: Timestamp) {
        let ahead = time.duration_since(Timestamp::now()).as_millis();
        self.0.store(i64::try_from(ahead).unwrap(), Ordering::SeqCst);
    }
}

/// One test's operator, clock and CronJob.
struct Scene {
    place: Place,
    clock: Clock,
    operating: Operating,
    stats: Stats,
}

/// Twice a day, the next time in more than five hours.
fn schedule() -> String {
    let hour = Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC).hour();
    format!("0 {},{} * * *", (hour + 6) % 24, (hour + 18) % 24)
}

/// A CronJob named `hello`, whose Pods end so, with more in its spec.
fn cron(ending: &str, more: Value) -> CronJob {
    let mut spec = json!({
        "schedule": schedule(),
        "jobTemplate": {
            "metadata": { "labels": { "app": "hello" } },
            "spec": {
                "backoffLimit": 0,
                "template": {
                    "metadata": { "annotations": { ENDING: ending } },
                    "spec": { "restartPolicy": "Never", "containers": [{ "name": "hello", "image": "busybox:1" }] },
                },
            },
        },
    });
    for (key, value) in more.as_object().unwrap() {
        spec[key] = value.clone();
    }
    CronJob::new("hello", serde_json::from_value(spec).unwrap())
}

fn operate(place: &Place, clock: &Clock) -> (Operating, Stats) {
    let clock = clock.clone();
    let operator = CronJob::operator(Controller::with_clock(move || clock.now())).namespace(&place.namespace);
    let stats = operator.stats();
    (place.operate(|manager| manager.with(operator)), stats)
}

async fn place(name: &str) -> Place {
    let place = Place::shared(name).await;
    install(&place.client, CronJob::crd()).await;
    place
}

impl Scene {
    /// A CronJob that the operator has seen once.
    async fn of(name: &str, cron: CronJob) -> Self {
        let place = place(name).await;
        let clock = Clock::default();
        let (operating, stats) = operate(&place, &clock);
        place.started(1).await;
        place.create(cron).await;
        let scene = Self { place, clock, operating, stats };
        eventually("its first status is written", async || !scene.status().await.conditions.is_empty()).await;
        assert_eq!(scene.stats.runs(), 1);
        scene
    }

    /// Lets it be the second before the Job after `time` is due, and wakes the operator; returns when it is due.
    async fn just_before(&self, time: Timestamp) -> Timestamp {
        let spec: CronJobSpec = self.cron().await.spec;
        let due = Schedule::of(&spec).unwrap().after(time).unwrap();
        self.clock.set(due - SignedDuration::from_secs(1));
        self.nudge().await;
        due
    }

    /// Lets it be this time, and wakes the operator, as if it had waited for it.
    async fn at(&self, time: Timestamp) {
        self.clock.set(time);
        self.nudge().await;
    }

    /// A change that means nothing.
    async fn nudge(&self) {
        let note = json!({ "metadata": { "annotations": { "example.com/note": self.clock.now().to_string() } } });
        self.place.patch::<CronJob>("hello", note).await;
    }

    async fn cron(&self) -> CronJob {
        self.place.get("hello").await.unwrap()
    }

    async fn status(&self) -> CronJobStatus {
        self.cron().await.status.unwrap_or_default()
    }

    async fn jobs(&self) -> Vec<Job> {
        self.place.api::<Job>().list(&ListParams::default()).await.unwrap().items
    }

    /// Waits until these Jobs are there and no others, exactly these `active` ones have not ended, and the status says all
    /// that: the next change does not come between a run and what the run writes.
    async fn has(&self, jobs: &[Timestamp], active: &[Timestamp]) {
        let named = |times: &[Timestamp]| times.iter().map(name).collect::<Vec<_>>();
        let what = format!("the Jobs are {:?}, of which {:?} are active", named(jobs), named(active));
        eventually(&what, async || {
            let there = self.jobs().await;
            let running: Vec<_> = there.iter().filter(|job| !has_ended(job)).map(ResourceExt::name_any).collect();
            let succeeded = there.iter().filter_map(|job| job.status.as_ref()?.completion_time.clone()).max();
            let status = self.status().await;
            let said: Vec<_> = status.active.into_iter().filter_map(|active| active.name).collect();
            names(&there) == named(jobs)
                && (running == named(active) && said == running)
                && status.last_schedule_time.map(|time| time.0) >= jobs.iter().max().copied()
                && status.last_successful_time >= succeeded
        })
        .await;
    }

    /// Waits until the condition has this reason, and returns its message.
    async fn says(&self, reason: &str) -> String {
        found(&format!("the condition is {reason}"), async || {
            let condition =
                self.status().await.conditions.into_iter().find(|condition| condition.type_ == "OnSchedule");
            condition.filter(|condition| condition.reason == reason).map(|condition| condition.message)
        })
        .await
    }

    /// Waits until there is an event with this reason, and returns its note.
    async fn told(&self, reason: &str) -> String {
        found(&format!("the event {reason}"), async || {
            let events = self.place.api::<Event>().list(&ListParams::default()).await.unwrap();
            let regards = |event: &Event| {
                event.regarding.as_ref().is_some_and(|object| object.kind.as_deref() == Some("CronJob"))
            };
            let event = events.into_iter().find(|event| event.reason.as_deref() == Some(reason) && regards(event));
            event.map(|event| event.note.unwrap_or_default())
        })
        .await
    }

    /// Lets the Pods of a Job end.
    async fn let_end(&self, job: Timestamp, ending: Option<&str>) {
        let of = ListParams::default().labels(&format!("batch.kubernetes.io/job-name={}", name(&job)));
        let pod = found("the Pod of the Job", async || {
            self.place.api::<Pod>().list(&of).await.unwrap().into_iter().next().map(|pod| pod.name_any())
        })
        .await;
        self.place.patch::<Pod>(&pod, json!({ "metadata": { "annotations": { ENDING: ending } } })).await;
    }

    /// What every test ends with: nothing has failed, nothing was read, and no run came of the operator's own writes.
    fn is_clean(&self) {
        assert_eq!(self.stats.failures(), 0);
        assert_eq!(self.operating.costs().reads, 0, "{:?}", self.operating.costs());
        assert!(self.stats.provoked().is_empty(), "{:?}", self.stats.provoked());
    }
}

fn has_ended(job: &Job) -> bool {
    let conditions = job.status.iter().flat_map(|status| status.conditions.iter().flatten());
    conditions
        .into_iter()
        .any(|condition| ["Complete", "Failed"].contains(&&*condition.type_) && condition.status == "True")
}

fn names(jobs: &[Job]) -> Vec<String> {
    jobs.iter().map(ResourceExt::name_any).collect()
}

/// The name of the Job for this time.
fn name(time: &Timestamp) -> String {
    format!("hello-{}", time.as_second())
}

#[tokio::test]
async fn it_wakes_when_a_job_is_due_and_when_one_has_ended() {
    let scene = Scene::of("due", cron("", json!({}))).await;
    scene.says("OnSchedule").await;
    assert_eq!(scene.jobs().await, []);

    let due = scene.just_before(scene.clock.now()).await;
    scene.has(&[due], &[]).await;
    let job = scene.place.get::<Job>(&name(&due)).await.unwrap();
    assert_eq!(job.labels().get("app").map(String::as_str), Some("hello"));
    assert_eq!(job.annotations()["batch.demo.steersman.dev/scheduled-at"], due.to_string());
    eventually("the success is in the status", async || scene.status().await.last_successful_time.is_some()).await;
    assert_eq!(scene.status().await.last_schedule_time.unwrap().0, due);
    scene.told("Started").await;
    scene.told("Succeeded").await;

    // Created, nudged, due, ended: that is all.
    eventually("four runs", async || scene.stats.runs() >= 4).await;
    let wake_ups = scene.stats.wake_ups();
    let causes: Vec<_> = wake_ups.iter().map(|(cause, count)| (*cause, *count)).collect();
    assert_eq!(causes, [("jobs", 1), ("primary", 2), ("requeue", 1)]);
    assert_eq!(scene.operating.writes("jobs"), ["patch 201"]);
    assert_eq!(scene.operating.writes("cronjobs"), ["patch 200"; 3], "the status: seen, started, ended");
    assert_eq!(scene.operating.costs().watches, 2);
    scene.is_clean();
}

#[tokio::test]
async fn an_idle_one_costs_nothing() {
    let scene = Scene::of("idle", cron("", json!({}))).await;
    // What others do to Jobs that are not ours.
    let template = scene.cron().await.spec.job_template;
    let mut foreign = Job { spec: template.spec, ..Job::default() };
    foreign.metadata.name = Some("foreign".to_owned());
    scene.place.create(foreign).await;
    eventually("the foreign Job is complete", async || {
        let job = scene.place.get::<Job>("foreign").await.unwrap();
        job.status.is_some_and(|status| status.completion_time.is_some())
    })
    .await;
    // Later than all that, and so seen after it.
    scene.nudge().await;
    eventually("the nudge is seen", async || scene.stats.runs() >= 2).await;
    assert_eq!(scene.stats.runs(), 2, "{:?}", scene.stats.wake_ups());
    assert_eq!(scene.operating.costs().writes, 1, "the first status: {:?}", scene.operating.requests());
    scene.is_clean();
}

#[tokio::test]
async fn jobs_run_side_by_side_if_they_may() {
    let scene = Scene::of("allow", cron("runs", json!({ "concurrencyPolicy": "Allow" }))).await;
    let first = scene.just_before(scene.clock.now()).await;
    scene.has(&[first], &[first]).await;
    let second = scene.just_before(first).await;
    scene.has(&[first, second], &[first, second]).await;
    let active = scene.status().await.active.remove(0);
    let job = scene.place.get::<Job>(&name(&first)).await.unwrap();
    assert_eq!(
        (active.uid, active.kind.as_deref(), active.api_version.as_deref()),
        (job.uid(), Some("Job"), Some("batch/v1"))
    );
    scene.let_end(first, None).await;
    scene.has(&[first, second], &[second]).await;
    scene.is_clean();
}

#[tokio::test]
async fn a_job_waits_for_the_one_before_it() {
    let scene = Scene::of("forbid", cron("runs", json!({ "concurrencyPolicy": "Forbid" }))).await;
    let first = scene.just_before(scene.clock.now()).await;
    scene.has(&[first], &[first]).await;
    let second = scene.just_before(first).await;
    let message = scene.says("StillRunning").await;
    assert!(message.contains(&second.to_string()), "{message}");
    assert_eq!(names(&scene.jobs().await), [name(&first)]);
    let runs = scene.stats.runs();

    scene.let_end(first, None).await;
    scene.has(&[first, second], &[second]).await;
    assert_eq!(scene.stats.runs(), runs + 1, "the end of the first starts the second: {:?}", scene.stats.wake_ups());
    scene.says("OnSchedule").await;
    scene.is_clean();
}

#[tokio::test]
async fn a_job_makes_room_for_the_next_one() {
    let scene = Scene::of("replace", cron("runs", json!({ "concurrencyPolicy": "Replace" }))).await;
    let first = scene.just_before(scene.clock.now()).await;
    scene.has(&[first], &[first]).await;
    let second = scene.just_before(first).await;
    scene.has(&[second], &[second]).await;
    assert_eq!(scene.told("Replaced").await, name(&first));
    assert_eq!(scene.operating.writes("jobs"), ["patch 201", "delete 200", "patch 201"]);
    scene.is_clean();
}

#[tokio::test]
async fn the_history_is_as_long_as_wanted() {
    let limits = json!({ "failedJobsHistoryLimit": 1, "successfulJobsHistoryLimit": 0 });
    let scene = Scene::of("history", cron("fails", limits)).await;
    let first = scene.just_before(scene.clock.now()).await;
    scene.has(&[first], &[]).await;
    assert_eq!(scene.told("Failed").await, name(&first));
    assert_eq!(scene.status().await.last_successful_time, None);
    let second = scene.just_before(first).await;
    scene.has(&[second], &[]).await;

    let succeeds = json!({ "spec": { "jobTemplate": { "spec": { "template": { "metadata": { "annotations": { ENDING: null } } } } } } });
    scene.place.patch::<CronJob>("hello", succeeds).await;
    // Its status is written before the next change, as one in between would cost a run.
    eventually("the change is observed", async || {
        let cron = scene.cron().await;
        let conditions = cron.status.iter().flat_map(|status| &status.conditions);
        conditions.into_iter().all(|condition| condition.observed_generation == cron.metadata.generation)
    })
    .await;
    let third = scene.just_before(second).await;
    eventually("the third has succeeded", async || scene.status().await.last_successful_time.is_some()).await;
    scene.has(&[second], &[]).await;
    assert_eq!(scene.status().await.last_schedule_time.unwrap().0, third, "though it is gone");
    scene.is_clean();
}

#[tokio::test]
async fn what_is_late_is_left_out_or_made_up_for() {
    let scene = Scene::of("late", cron("", json!({ "startingDeadlineSeconds": 100 }))).await;
    let first = Schedule::of(&scene.cron().await.spec).unwrap().after(scene.clock.now()).unwrap();
    scene.at(first + SignedDuration::from_secs(101)).await;
    let message = scene.says("DeadlineMissed").await;
    assert!(message.contains(&first.to_string()), "{message}");
    scene.told("DeadlineMissed").await;
    assert_eq!(scene.jobs().await, []);

    // Without the deadline it is not too late; and of sixty, one Job makes up for all.
    scene.place.patch::<CronJob>("hello", json!({ "spec": { "startingDeadlineSeconds": null } })).await;
    scene.has(&[first], &[]).await;
    let month = first + SignedDuration::from_hours(24 * 30);
    scene.at(month).await;
    scene.has(&[first, month], &[]).await;
    scene.told("CaughtUp").await;
    let quarter = month + SignedDuration::from_hours(24 * 90);
    scene.at(quarter).await;
    scene.has(&[first, month, quarter], &[]).await;
    scene.told("TooManyMissedTimes").await;
    scene.is_clean();
}

#[tokio::test]
async fn a_suspended_one_starts_nothing_until_it_is_resumed() {
    let scene = Scene::of("suspend", cron("", json!({ "suspend": true }))).await;
    scene.says("Suspended").await;
    let due = Schedule::of(&scene.cron().await.spec).unwrap().after(scene.clock.now()).unwrap();
    scene.at(due).await;
    eventually("it is seen", async || scene.stats.runs() >= 2).await;
    assert_eq!(scene.jobs().await, []);
    scene.place.patch::<CronJob>("hello", json!({ "spec": { "suspend": false } })).await;
    scene.has(&[due], &[]).await;
    scene.is_clean();
}

#[tokio::test]
async fn a_wrong_time_zone_is_said_and_can_be_corrected() {
    let scene = Scene::of("zone", cron("", json!({ "timeZone": "Europe/Atlantis" }))).await;
    assert!(scene.says("UnknownTimeZone").await.contains("`Europe/Atlantis`"));
    scene
        .place
        .patch::<CronJob>("hello", json!({ "spec": { "timeZone": "Asia/Kolkata", "schedule": "61 * * * *" } }))
        .await;
    assert!(scene.says("InvalidSchedule").await.contains("`61 * * * *`"));
    let hour = (Timestamp::now().to_zoned(jiff::tz::TimeZone::get("Asia/Kolkata").unwrap()).hour() + 12) % 24;
    scene.place.patch::<CronJob>("hello", json!({ "spec": { "schedule": format!("0 {hour} * * *") } })).await;
    scene.says("OnSchedule").await;
    let due = scene.just_before(scene.clock.now()).await;
    // Half an hour is the difference from UTC, apart from whole ones.
    assert_eq!(due.as_second() % 3600, 1800);
    scene.has(&[due], &[]).await;
    scene.is_clean();
}

#[tokio::test]
async fn a_restart_starts_nothing_twice() {
    let scene = Scene::of("restart", cron("runs", json!({}))).await;
    let first = scene.just_before(scene.clock.now()).await;
    scene.has(&[first], &[first]).await;
    scene.is_clean();
    let Scene { place, clock, operating, .. } = scene;
    operating.stop().await;
    // As if it had died between the Job and the status.
    let forgotten = json!({ "status": { "lastScheduleTime": null, "active": [] } });
    let crons = place.api::<CronJob>();
    crons.patch_status("hello", &PatchParams::default(), &Patch::Merge(forgotten)).await.unwrap();

    let (operating, stats) = operate(&place, &clock);
    let scene = Scene { place, clock, operating, stats };
    scene.has(&[first], &[first]).await;
    assert_eq!(scene.status().await.last_schedule_time.unwrap().0, first);
    assert_eq!(scene.operating.writes("jobs"), Vec::<String>::new());
    assert_eq!(scene.operating.writes("cronjobs"), ["patch 200"]);
    assert_eq!(scene.stats.runs(), 1, "{:?}", scene.stats.wake_ups());
    scene.is_clean();
}

/// Such as two leaders for a moment: what protects the Jobs is that their names follow from the time.
#[tokio::test]
async fn two_operators_start_one_job() {
    let scene = Scene::of("twice", cron("runs", json!({ "concurrencyPolicy": "Forbid" }))).await;
    let (other, stats) = operate(&scene.place, &scene.clock);
    scene.place.started(2).await;
    eventually("the other has looked at it", async || stats.runs() >= 1).await;
    let due = scene.just_before(scene.clock.now()).await;
    scene.has(&[due], &[due]).await;
    let created = |operating: &Operating| operating.writes("jobs").iter().filter(|write| *write == "patch 201").count();
    eventually("both have tried, or seen it", async || stats.runs() >= 3 && scene.stats.runs() >= 3).await;
    assert_eq!(created(&scene.operating) + created(&other), 1);
    assert_eq!((scene.stats.failures(), stats.failures()), (0, 0));
    other.stop().await;
    scene.has(&[due], &[due]).await;
}

#[tokio::test]
async fn the_api_server_refuses_what_could_never_work() {
    let place = place("schema").await;
    let with = |more| cron("", more);
    let mut long = cron("", json!({}));
    long.metadata.name = Some("a".repeat(53));
    let always = json!({ "spec": { "template": { "spec": { "restartPolicy": "Always", "containers": [] } } } });
    let mut selecting = serde_json::to_value(cron("", json!({})).spec.job_template).unwrap();
    selecting["spec"]["selector"] = json!({ "matchLabels": { "app": "hello" } });
    let wrong = [
        (long, "the name must have at most 52 characters"),
        (with(json!({ "schedule": "soon" })), "spec.schedule"),
        (with(json!({ "schedule": "* * * * * * *" })), "spec.schedule"),
        (with(json!({ "schedule": "CRON_TZ=UTC 0 * * * *" })), "the time zone belongs into timeZone"),
        (with(json!({ "timeZone": "../etc/passwd" })), "spec.timeZone"),
        (with(json!({ "startingDeadlineSeconds": -1 })), "spec.startingDeadlineSeconds"),
        (with(json!({ "failedJobsHistoryLimit": -1 })), "spec.failedJobsHistoryLimit"),
        (with(json!({ "jobTemplate": always })), "restartPolicy must be Never or OnFailure"),
        (with(json!({ "jobTemplate": selecting })), "leave the selector to Kubernetes"),
    ];
    let api = place.api::<CronJob>();
    for (cron, word) in wrong {
        let error = api.create(&PostParams::default(), &cron).await.expect_err(word).to_string();
        assert!(error.contains(word), "{word}: {error}");
    }
    let policy = json!({
        "apiVersion": CronJob::api_resource().api_version, "kind": "CronJob", "metadata": { "name": "hello" },
        "spec": { "schedule": "@hourly", "concurrencyPolicy": "Sometimes", "jobTemplate": with(json!({})).spec.job_template },
    });
    let error = api.patch("hello", &PatchParams::apply("tests"), &Patch::Apply(policy)).await.unwrap_err().to_string();
    assert!(error.contains("spec.concurrencyPolicy"), "{error}");
    // And what is left out has its defaults.
    let minimal = json!({
        "apiVersion": CronJob::api_resource().api_version, "kind": "CronJob", "metadata": { "name": "hello" },
        "spec": { "schedule": "@hourly", "jobTemplate": with(json!({})).spec.job_template },
    });
    let made = api.patch("hello", &PatchParams::apply("tests"), &Patch::Apply(minimal)).await.unwrap();
    assert_eq!((made.spec.successful_jobs_history_limit, made.spec.failed_jobs_history_limit), (3, 1));
}
