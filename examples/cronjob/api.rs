//! The custom resource and what the operator watches for it.
#![allow(unreachable_pub, reason = "`KubeSchema` repeats each struct, visibility included, within a block")]

use k8s_openapi::api::batch::v1::{Job, JobTemplateSpec};
use k8s_openapi::api::core::v1::ObjectReference;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{Condition, Time};
use kube::{CustomResource, KubeSchema};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use steersman::Operator;

/// Runs Jobs on a schedule.
#[derive(CustomResource, Operator, KubeSchema, Clone, Debug, Default, Deserialize, Serialize)]
#[kube(group = "batch.demo.steersman.dev", version = "v1", kind = "CronJob", namespaced, status = "CronJobStatus")]
#[kube(printcolumn(name = "Schedule", type_ = "string", json_path = ".spec.schedule"))]
#[kube(printcolumn(name = "Time zone", type_ = "string", json_path = ".spec.timeZone"))]
#[kube(printcolumn(name = "Suspend", type_ = "boolean", json_path = ".spec.suspend"))]
#[kube(printcolumn(name = "Last schedule", type_ = "date", json_path = ".status.lastScheduleTime"))]
#[kube(validation = Rule::new("self.metadata.name.size() <= 52")
    .message("the name must have at most 52 characters, as those of the Jobs have 11 more"))]
#[secondary(Job, predicate = changed(steersman::ready::job))]
#[x_kube(validation = Rule::new("self.jobTemplate.spec.template.spec.?restartPolicy.orValue('') in ['Never', 'OnFailure']")
    .message("jobTemplate.spec.template.spec.restartPolicy must be Never or OnFailure"))]
#[x_kube(validation = Rule::new("!has(self.jobTemplate.spec.selector) && !has(self.jobTemplate.spec.manualSelector)")
    .message("jobTemplate.spec must leave the selector to Kubernetes"))]
#[serde(rename_all = "camelCase")]
pub struct CronJobSpec {
    /// When, as `minute hour day-of-month month day-of-week`, with a field for seconds in front if wanted, or as `@hourly`, `@daily`
    /// and their like.
    #[schemars(length(max = 100), regex(pattern = r"^(@[a-z]+|\S+( +\S+){4,5})$"))]
    #[x_kube(validation = Rule::new("!self.contains('TZ=')").message("the time zone belongs into timeZone"))]
    pub schedule: String,
    /// The time zone of the schedule, such as `Europe/Athens`. Without it, UTC.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 63), regex(pattern = r"^[A-Za-z0-9_+-]+(/[A-Za-z0-9_+-]+)*$"))]
    pub time_zone: Option<String>,
    /// How many seconds after its time a Job may still be started. Without it, at any time before the next one is due.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0))]
    pub starting_deadline_seconds: Option<i64>,
    /// What happens if the last Job still runs when the next one is due.
    #[serde(default)]
    pub concurrency_policy: ConcurrencyPolicy,
    /// Starts no more Jobs. Those that run go on.
    #[serde(default)]
    pub suspend: bool,
    /// How many succeeded Jobs are kept.
    #[serde(default = "three")]
    #[schemars(range(min = 0))]
    pub successful_jobs_history_limit: i32,
    /// How many failed Jobs are kept.
    #[serde(default = "one")]
    #[schemars(range(min = 0))]
    pub failed_jobs_history_limit: i32,
    /// What the Jobs look like.
    pub job_template: JobTemplateSpec,
}

/// What happens if the last Job still runs when the next one is due.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
pub enum ConcurrencyPolicy {
    /// Both run.
    #[default]
    Allow,
    /// The next one waits until the last one has ended. Of several that are due by then, the latest is started.
    Forbid,
    /// The last one is deleted.
    Replace,
}

/// What the operator found and did.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct CronJobStatus {
    /// The Jobs that run.
    pub active: Vec<ObjectReference>,
    /// The time for which the last Job was started.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_schedule_time: Option<Time>,
    /// When the last Job that succeeded has ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_successful_time: Option<Time>,
    /// `OnSchedule`: whether Jobs are started when they are due, and if not, why.
    pub conditions: Vec<Condition>,
}

fn three() -> i32 {
    3
}

fn one() -> i32 {
    1
}
