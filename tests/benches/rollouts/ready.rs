//! How far the objects of a rollout are, as `kubectl rollout status` decides it.

use k8s_openapi::api::apps::v1::{Deployment, ReplicaSet};
use k8s_openapi::api::core::v1::Pod;
use kube::ResourceExt;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Readiness {
    Ready,
    Progressing,
}

impl Readiness {
    fn ready_if(ready: bool) -> Self {
        if ready { Self::Ready } else { Self::Progressing }
    }
}

/// The present generation is observed, and exactly as many replicas as wanted are up to date and available.
pub(super) fn deployment(deployment: &Deployment) -> Readiness {
    let Some(status) = &deployment.status else { return Readiness::Progressing };
    let observed = status.observed_generation >= deployment.metadata.generation;
    let counts = [status.replicas, status.updated_replicas, status.available_replicas].map(Option::unwrap_or_default);
    Readiness::ready_if(observed && counts == [deployment.spec.replicas.unwrap_or(1); 3])
}

/// It has all replicas that its Deployment wants in the end; or it is to have none, and has none.
pub(super) fn replica_set(set: &ReplicaSet) -> Readiness {
    let Some(status) = &set.status else { return Readiness::Progressing };
    let in_the_end = set.annotations().get("deployment.kubernetes.io/desired-replicas");
    let observed = status.observed_generation >= set.metadata.generation;
    let available = status.available_replicas.unwrap_or_default();
    Readiness::ready_if(match set.spec.replicas.unwrap_or(1) {
        0 => status.replicas == 0 && observed,
        now => available >= in_the_end.and_then(|number| number.parse().ok()).unwrap_or(now),
    })
}

/// It serves, and is not being deleted.
pub(super) fn pod(pod: &Pod) -> Readiness {
    let conditions = pod.status.as_ref().and_then(|status| status.conditions.as_ref());
    let ready = conditions.into_iter().flatten().any(|c| c.type_ == "Ready" && c.status == "True");
    Readiness::ready_if(ready && pod.metadata.deletion_timestamp.is_none())
}
