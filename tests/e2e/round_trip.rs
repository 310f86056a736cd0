//! A manifest that is applied again changes nothing, and is not sent.

use std::sync::{Arc, Mutex};

use k8s_openapi::api::apps::v1::{DaemonSet, Deployment, StatefulSet};
use k8s_openapi::api::autoscaling::v2::HorizontalPodAutoscaler;
use k8s_openapi::api::batch::v1::{CronJob, Job};
use k8s_openapi::api::core::v1::{
    ConfigMap, LimitRange, PersistentVolumeClaim, ResourceQuota, Secret, Service, ServiceAccount,
};
use k8s_openapi::api::discovery::v1::EndpointSlice;
use k8s_openapi::api::networking::v1::{Ingress, NetworkPolicy};
use k8s_openapi::api::policy::v1::PodDisruptionBudget;
use k8s_openapi::api::rbac::v1::{Role, RoleBinding};
use kube::api::{ApiResource, DynamicObject, Patch, PatchParams};
use kube::{Api, ResourceExt};
use serde_json::{Value, json};
use steersman::{Action, BoxError, Operator};
use tests::kinds::Shelf;
use tests::{Journal, Operating, Palette, Place, eventually};

use crate::manifests::{Case, EXCEPTIONS, cases};
use crate::place;

/// Shelves with everything that an operator may write.
#[derive(Operator, Debug)]
#[operator(primary = Shelf)]
#[secondary(Deployment)]
#[secondary(StatefulSet)]
#[secondary(DaemonSet)]
#[secondary(Job)]
#[secondary(CronJob)]
#[secondary(Service)]
#[secondary(Ingress)]
#[secondary(NetworkPolicy)]
#[secondary(PodDisruptionBudget)]
#[secondary(HorizontalPodAutoscaler)]
#[secondary(ConfigMap)]
#[secondary(Secret)]
#[secondary(ServiceAccount)]
#[secondary(PersistentVolumeClaim)]
#[secondary(LimitRange)]
#[secondary(ResourceQuota)]
#[secondary(EndpointSlice)]
#[secondary(Role)]
#[secondary(RoleBinding)]
#[secondary(Palette)]
pub(crate) struct Everything;

/// Applies what is wanted; notes each run with the note of the shelf.
pub(crate) struct Applier {
    pub(crate) wanted: Arc<Mutex<Vec<Case>>>,
    pub(crate) journal: Journal,
}

/// Applies a manifest with the handle of its kind; and the kinds for a client that does not know them.
macro_rules! kinds {
    ($($kind:ident $handle:ident,)*) => {
        async fn apply(cx: &EverythingContext, case: Case) -> Result<(), BoxError> {
            match case.kind {
                $(stringify!($kind) => {
                    cx.$handle().apply(serde_json::from_value::<$kind>(case.manifest)?).await?;
                })*
                other => panic!("{other} is not declared"),
            }
            Ok(())
        }

        pub(crate) fn resource(kind: &str) -> ApiResource {
            match kind {
                $(stringify!($kind) => ApiResource::erase::<$kind>(&()),)*
                other => panic!("{other} is not declared"),
            }
        }
    };
}

kinds! {
    Deployment deployments, StatefulSet stateful_sets, DaemonSet daemon_sets, Job jobs, CronJob cron_jobs,
    Service services, Ingress ingresses, NetworkPolicy network_policies, PodDisruptionBudget pod_disruption_budgets,
    HorizontalPodAutoscaler horizontal_pod_autoscalers, ConfigMap config_maps, Secret secrets,
    ServiceAccount service_accounts, PersistentVolumeClaim persistent_volume_claims, LimitRange limit_ranges, ResourceQuota resource_quotas,
    EndpointSlice endpoint_slices, Role roles,
    RoleBinding role_bindings, Palette palettes,
}

impl EverythingReconciler for Applier {
    type Error = BoxError;

    async fn reconcile(
        &self,
        shelf: Arc<Shelf>,
        _: EverythingSnapshot,
        cx: EverythingContext,
    ) -> Result<Action, BoxError> {
        let wanted = self.wanted.lock().unwrap().clone();
        for case in wanted {
            let name = format!("{} {}", case.kind, case.name);
            apply(&cx, case).await.map_err(|error| format!("{name}: {error}"))?;
        }
        self.journal.note(format!("{} {}", shelf.name_any(), shelf.spec.note));
        Ok(Action::await_change())
    }
}

/// The operator and what it wants.
struct Trip {
    place: Place,
    wanted: Arc<Mutex<Vec<Case>>>,
    journal: Journal,
}

impl Trip {
    fn operate(&self) -> Operating {
        let applier = Applier { wanted: self.wanted.clone(), journal: self.journal.clone() };
        let operator = Everything::operator(applier).namespace(&self.place.namespace);
        self.place.operate(|manager| manager.with(operator))
    }

    /// Lets all manifests be applied once more.
    async fn again(&self, note: &str) {
        self.place.patch::<Shelf>("a", json!({ "spec": { "note": note } })).await;
        self.journal.reaches(&format!("a {note}"), 1).await;
    }

    fn api(&self, kind: &str) -> Api<DynamicObject> {
        Api::namespaced_with(self.place.client.clone(), &self.place.namespace, &resource(kind))
    }

    async fn get(&self, case: &Case) -> Value {
        let object = self.api(case.kind).get(case.name).await.expect("the object is there");
        serde_json::to_value(object).expect("it is JSON")
    }
}

/// What was written, as `<verb> <resource> <name>`, in the order of the alphabet.
fn writes(operating: &Operating) -> Vec<String> {
    let requests = operating.requests();
    let writes = requests.iter().filter(|r| !matches!(&*r.verb, "get" | "list" | "watch"));
    let mut lines: Vec<_> = writes.map(|r| format!("{} {} {}", r.verb, r.resource, r.name)).collect();
    lines.sort();
    lines
}

/// What is sent once more after each restart.
fn resends() -> Vec<String> {
    let mut lines: Vec<_> =
        EXCEPTIONS.iter().map(|(kind, name, _)| format!("patch {} {name}", resource(kind).plural)).collect();
    lines.sort();
    lines
}

/// Takes out what is at a JSON pointer.
fn take(manifest: &mut Value, pointer: &str) -> Value {
    let (outer, last) = pointer.rsplit_once('/').expect("a pointer to a field or an item");
    match manifest.pointer_mut(outer) {
        Some(Value::Object(fields)) => fields.remove(&last.replace("~1", "/")).expect("it is in the manifest"),
        Some(Value::Array(items)) => items.remove(last.parse().expect("an index")),
        _ => panic!("{outer} is not in the manifest"),
    }
}

/// The values of a merge patch, by JSON pointer.
fn leaves(patch: &Value, pointer: String, found: &mut Vec<(String, Value)>) {
    match patch {
        Value::Object(fields) => {
            for (name, value) in fields {
                leaves(value, format!("{pointer}/{name}"), found);
            }
        }
        Value::Null => {}
        value => found.push((pointer, value.clone())),
    }
}

#[tokio::test]
async fn what_is_applied_again_is_not_sent() {
    let place = place("trip").await;
    let trip = Trip { place, wanted: Arc::new(Mutex::new(cases())), journal: Journal::default() };
    let operating = trip.operate();
    trip.place.started(1).await;
    trip.place.create(Shelf::of("a", &[])).await;
    trip.journal.reaches("a ", 1).await;
    assert_eq!(operating.costs().writes, cases().len(), "each is created, once");
    trip.again("second").await;
    let created: Vec<_> = writes(&operating);
    assert_eq!(created.len(), cases().len(), "{created:#?}");
    operating.stop().await;

    let operating = trip.operate();
    trip.journal.reaches("a second", 2).await;
    trip.again("third").await;
    assert_eq!(writes(&operating), resends());
    assert_eq!(operating.costs().reads, 0);

    // Whatever of ours somebody else changes is repaired.
    for case in cases() {
        let mut changed = Vec::new();
        leaves(&case.foreign, String::new(), &mut changed);
        let before = trip.get(&case).await;
        let patch = Patch::Merge(&case.foreign);
        trip.api(case.kind).patch(case.name, &PatchParams::default(), &patch).await.expect("it can be changed");
        for (pointer, value) in changed {
            let desired = before.pointer(&pointer);
            assert_ne!(desired, Some(&value), "{pointer} of {} {} is changed", case.kind, case.name);
            let what = format!("{pointer} of {} {} is repaired", case.kind, case.name);
            eventually(&what, async || trip.get(&case).await.pointer(&pointer) == desired).await;
        }
    }
    trip.again("repaired").await;
    let repaired = writes(&operating).len();
    trip.again("still").await;
    assert_eq!(writes(&operating).len(), repaired);
    operating.stop().await;

    // What an older release has applied, and this one does not want any more, is taken away.
    let mut old = Vec::new();
    for case in trip.wanted.lock().unwrap().iter_mut() {
        take(&mut case.manifest, case.dropped);
    }
    for case in cases() {
        old.push((trip.get(&case).await, case));
    }
    let operating = trip.operate();
    trip.journal.reaches("a still", 2).await;
    for (old, case) in old {
        let dropped = case.dropped.replace("/stringData/", "/data/");
        let (old, new) = (old.pointer(&dropped).cloned(), trip.get(&case).await.pointer(&dropped).cloned());
        assert!(old.is_some() && new != old, "{dropped} of {} {}: {old:?}, {new:?}", case.kind, case.name);
    }
    let dropped = writes(&operating);
    trip.again("fewer").await;
    assert_eq!(writes(&operating), dropped);
}
