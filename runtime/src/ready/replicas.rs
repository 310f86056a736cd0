//! Of what runs in replicas.

use k8s_openapi::api::apps::v1::{
    DaemonSet, DaemonSetSpec, Deployment, DeploymentCondition, DeploymentSpec, ReplicaSet, ReplicaSetSpec, StatefulSet,
    StatefulSetSpec,
};
use kube::core::ObjectMeta;

use super::{Field, Readiness};

/// Whether a Deployment is rolled out, as `kubectl rollout status` decides it.
///
/// - `Ready`: the present generation is observed, exactly as many replicas as wanted are of the present template and
///   available, and no other is left.
/// - `Failed`: the present generation is observed, and its deadline, `progressDeadlineSeconds`, has passed. It may become
///   `Ready` nevertheless.
/// - `Progressing`: otherwise; so also while it is paused with a change that is not rolled out.
///
/// # Caveats
/// An annotation moves a Deployment's generation: for a moment it is `Progressing`.
pub fn deployment(deployment: &Deployment) -> Readiness {
    let Some(status) = &deployment.status else { return Readiness::Progressing };
    if !observed(&deployment.metadata, status.observed_generation) {
        return Readiness::Progressing;
    }
    let spec: Option<&DeploymentSpec> = deployment.spec.value();
    let desired = desired(spec.and_then(|spec| spec.replicas));
    let [all, updated, available] =
        [status.replicas, status.updated_replicas, status.available_replicas].map(Option::unwrap_or_default);
    let rolled_out = updated == desired && available == desired && all == desired;
    if !rolled_out && status.conditions.iter().flatten().any(is_past_deadline) {
        return Readiness::Failed;
    }
    Readiness::ready_if(rolled_out)
}

fn is_past_deadline(condition: &DeploymentCondition) -> bool {
    let type_: Option<&String> = condition.type_.value();
    type_.is_some_and(|type_| type_ == "Progressing") && condition.reason.as_deref() == Some("ProgressDeadlineExceeded")
}

/// Whether a ReplicaSet has all replicas that it is to have in the end: `Ready` or `Progressing`.
///
/// For one of a Deployment that is the number that the Deployment wants, as it notes it in the annotation
/// `deployment.kubernetes.io/desired-replicas`, and not the number to which it lets it grow for the moment. So a rolling
/// update takes the new ReplicaSet from `Progressing` to `Ready` once, however many steps it has, and the old one from
/// `Ready` to `Progressing` and back to `Ready` when it has none left and is to have none.
///
/// - `Ready`: as many replicas as it is to have in the end are available; or it is to have none, and has none.
/// - `Progressing`: otherwise.
///
/// # Caveats
/// Its template does not count: a ReplicaSet never replaces a Pod on its account.
pub fn replica_set(set: &ReplicaSet) -> Readiness {
    let Some(status) = &set.status else { return Readiness::Progressing };
    let spec: Option<&ReplicaSetSpec> = set.spec.value();
    Readiness::ready_if(match desired(spec.and_then(|spec| spec.replicas)) {
        0 => status.replicas == 0 && observed(&set.metadata, status.observed_generation),
        now => status.available_replicas.unwrap_or_default() >= in_the_end(&set.metadata).unwrap_or(now),
    })
}

fn in_the_end(metadata: &ObjectMeta) -> Option<i32> {
    metadata.annotations.as_ref()?.get("deployment.kubernetes.io/desired-replicas")?.parse().ok()
}

/// Whether a StatefulSet is rolled out, as `kubectl rollout status` decides it, and whether its replicas are available.
///
/// - `Ready`: the present generation is observed, exactly as many replicas as wanted are there and available, and all of
///   them are of the present revision; with a `partition`, those from it on; with `OnDelete`, where the update is up to
///   whoever deletes the Pods, they need not be.
/// - `Progressing`: otherwise. A StatefulSet does not say that it has failed.
pub fn stateful_set(set: &StatefulSet) -> Readiness {
    let Some(status) = &set.status else { return Readiness::Progressing };
    let spec: Option<&StatefulSetSpec> = set.spec.value();
    let desired = desired(spec.and_then(|spec| spec.replicas));
    let strategy = spec.and_then(|spec| spec.update_strategy.as_ref());
    let by_hand = strategy.is_some_and(|strategy| strategy.type_.as_deref() == Some(ON_DELETE));
    let partition = strategy.and_then(|strategy| strategy.rolling_update.as_ref()?.partition).unwrap_or_default();
    let updated = by_hand
        || status.update_revision == status.current_revision
        || status.updated_replicas.unwrap_or_default() >= desired.saturating_sub(partition);
    Readiness::ready_if(
        observed(&set.metadata, status.observed_generation)
            && status.replicas == desired
            && status.available_replicas.unwrap_or_default() == desired
            && updated,
    )
}

/// Whether a DaemonSet is rolled out, as `kubectl rollout status` decides it.
///
/// - `Ready`: the present generation is observed, and on each node that is to have a Pod one of the present template is
///   available; with `OnDelete`, where the update is up to whoever deletes the Pods, one of any template. So also if no
///   node is to have one.
/// - `Progressing`: otherwise. A DaemonSet does not say that it has failed.
pub fn daemon_set(set: &DaemonSet) -> Readiness {
    let Some(status) = &set.status else { return Readiness::Progressing };
    let strategy = daemon_set_strategy(set);
    let desired = status.desired_number_scheduled;
    let updated = strategy == Some(ON_DELETE) || status.updated_number_scheduled.unwrap_or_default() >= desired;
    let available = status.number_available.unwrap_or_default() >= desired;
    Readiness::ready_if(observed(&set.metadata, status.observed_generation) && updated && available)
}

fn daemon_set_strategy(set: &DaemonSet) -> Option<&str> {
    let spec: Option<&DaemonSetSpec> = set.spec.value();
    spec?.update_strategy.as_ref()?.type_.as_deref()
}

const ON_DELETE: &str = "OnDelete";

/// Whether the status is about the present spec.
fn observed(metadata: &ObjectMeta, observed: Option<i64>) -> bool {
    observed.unwrap_or_default() >= metadata.generation.unwrap_or_default()
}

/// One, where the spec does not say.
fn desired(replicas: Option<i32>) -> i32 {
    replicas.unwrap_or(1)
}
