//! Of what says so in its conditions.

use k8s_openapi::api::batch::v1::{Job, JobCondition, JobSpec};
use k8s_openapi::api::core::v1::{Pod, PodCondition};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Condition;

use super::{Field, Readiness};

/// How far a Job is.
///
/// - `Completed`: its condition `Complete` is true.
/// - `Failed`: its condition `Failed` is true.
/// - `Suspended`: neither is, and its spec says `suspend`, whether or not its Pods are gone yet.
/// - `Progressing`: otherwise. Whether its Pods are ready does not matter.
pub fn job(job: &Job) -> Readiness {
    let conditions = || job.status.iter().flat_map(|status| status.conditions.iter().flatten());
    let has =
        |type_: &str| conditions().any(|condition: &JobCondition| is_true(type_, &condition.type_, &condition.status));
    let spec: Option<&JobSpec> = job.spec.value();
    if has("Complete") {
        Readiness::Completed
    } else if has("Failed") {
        Readiness::Failed
    } else if spec.is_some_and(|spec| spec.suspend == Some(true)) {
        Readiness::Suspended
    } else {
        Readiness::Progressing
    }
}

/// Whether a Pod serves.
///
/// - `Completed`, `Failed`: its phase is `Succeeded`, or `Failed`. It stays so.
/// - `Ready`: its condition `Ready` is true, and it is not being deleted.
/// - `Progressing`: otherwise, so also while its containers crash and come back, and while it is being deleted, whatever
///   its conditions say then. (That the deletion begins is a change to every predicate.)
pub fn pod(pod: &Pod) -> Readiness {
    let Some(status) = &pod.status else { return Readiness::Progressing };
    if pod.metadata.deletion_timestamp.is_some() {
        return Readiness::Progressing;
    }
    let is_ready = |condition: &PodCondition| is_true("Ready", &condition.type_, &condition.status);
    match status.phase.as_deref() {
        Some("Succeeded") => Readiness::Completed,
        Some("Failed") => Readiness::Failed,
        _ => Readiness::ready_if(status.conditions.iter().flatten().any(is_ready)),
    }
}

/// How it is with the condition `type_`, `"Ready"` say, of any kind whose conditions are those of the API conventions:
/// true, false, or `None` if that is unknown, there is no such condition, or it is about an older generation.
///
/// `generation` is the object's `metadata.generation`; with `None`, and for a condition that does not say which one it
/// has observed, the condition is taken as it is.
///
/// ```
/// use k8s_openapi::apimachinery::pkg::apis::meta::v1::Condition;
/// # use kube::CustomResource;
/// # use serde::{Deserialize, Serialize};
/// # use k8s_openapi::api::core::v1::ConfigMap;
///
/// # #[derive(CustomResource, Clone, Debug, Deserialize, Serialize)]
/// # #[kube(group = "test.steersman.dev", version = "v1", kind = "Database", namespaced, status = "DatabaseStatus")]
/// # #[kube(schema = "disabled")]
/// # struct DatabaseSpec {}
/// #[derive(Clone, Debug, Deserialize, Serialize)]
/// struct DatabaseStatus {
///     conditions: Vec<Condition>,
/// }
///
/// fn is_ready(database: &Database) -> Option<bool> {
///     let conditions = database.status.iter().flat_map(|status| &status.conditions);
///     steersman::ready::condition("Ready", conditions, database.metadata.generation)
/// }
///
/// #[derive(steersman::Operator)]
/// #[operator(primary = "ConfigMap")]
/// #[secondary(Database, one, predicate = changed(is_ready))]
/// struct Shop;
/// # let _ = |cx: ShopContext| cx.database();
/// ```
pub fn condition<'a>(
    type_: &str,
    conditions: impl IntoIterator<Item = &'a Condition>,
    generation: Option<i64>,
) -> Option<bool> {
    let condition = conditions.into_iter().find(|condition| condition.type_ == type_)?;
    let stale = condition.observed_generation.zip(generation).is_some_and(|(observed, present)| observed < present);
    match condition.status.as_str() {
        "True" if !stale => Some(true),
        "False" if !stale => Some(false),
        _ => None,
    }
}

fn is_true(wanted: &str, type_: &impl Field<String>, status: &impl Field<String>) -> bool {
    let is = |field: Option<&String>, text| field.is_some_and(|field| field == text);
    is(type_.value(), wanted) && is(status.value(), "True")
}
