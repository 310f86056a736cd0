//! What a Job of a [`CronJob`] looks like, and what is read from it.

use jiff::Timestamp;
use jiff::fmt::temporal::DateTimePrinter;
use k8s_openapi::api::batch::v1::Job;
use k8s_openapi::api::core::v1::ObjectReference;
use kube::core::ObjectMeta;
use kube::{Resource, ResourceExt};
use steersman::ready::{self, Readiness};

use super::api::CronJob;
use super::plan::{Run, State};

/// The annotation of a Job with the time for which it was started.
pub const SCHEDULED_AT: &str = "batch.demo.steersman.dev/scheduled-at";

/// The Job for this time. Its name follows from the time, so that there is never more than one for it.
pub fn job(cron: &CronJob, scheduled: Timestamp) -> Job {
    let template = cron.spec.job_template.clone();
    let metadata = template.metadata.unwrap_or_default();
    let mut annotations = metadata.annotations.unwrap_or_default();
    annotations.insert(SCHEDULED_AT.to_owned(), text(scheduled));
    Job {
        metadata: ObjectMeta {
            name: Some(format!("{}-{}", cron.name_any(), scheduled.as_second())),
            labels: metadata.labels,
            annotations: Some(annotations),
            ..ObjectMeta::default()
        },
        spec: template.spec,
        ..Job::default()
    }
}

/// What the plan has to know of a Job.
pub fn run(job: &Job) -> Run {
    let annotated = job.annotations().get(SCHEDULED_AT).and_then(|text| text.parse().ok());
    // Somebody may have taken the annotation away.
    let scheduled = annotated.or(job.metadata.creation_timestamp.as_ref().map(|time| time.0)).unwrap_or_default();
    let state = match ready::job(job) {
        Readiness::Completed => State::Succeeded,
        Readiness::Failed => State::Failed,
        _ => State::Active,
    };
    Run { name: job.name_any(), scheduled, state }
}

/// How the status names a Job: without its version, which changes all the time.
pub fn reference(job: &Job) -> ObjectReference {
    ObjectReference {
        api_version: Some(Job::api_version(&()).into_owned()),
        kind: Some(Job::kind(&()).into_owned()),
        name: job.metadata.name.clone(),
        namespace: job.metadata.namespace.clone(),
        uid: job.metadata.uid.clone(),
        ..ObjectReference::default()
    }
}

/// A time as people and the API server write it, `2026-01-31T06:00:00Z`.
pub fn text(time: Timestamp) -> String {
    DateTimePrinter::new().timestamp_to_string(&time)
}
