//! Who runs: five operators of ours, which differ in what they look at, and kube's plain `Controller`.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures::StreamExt;
use k8s_openapi::api::apps::v1::{Deployment, ReplicaSet};
use k8s_openapi::api::core::v1::Pod;
use kube::api::{ListParams, Patch, PatchParams};
use kube::runtime::controller::{self, Controller};
use kube::runtime::reflector::ObjectRef;
use kube::runtime::watcher::Config;
use kube::{Api, Client, Resource, ResourceExt};
use serde_json::json;
use steersman::{Action, Manager, Operator, OperatorBuilder, WriteError, ready};
use steersman_control_plane::{ControlPlane, User};
use tests::{Operating, eventually};
use tokio::task::JoinHandle;

use super::ferry::{self, Ferry};
use crate::objects::LABEL;

macro_rules! operators {
    ($($(#[$attribute:meta])* $operator:ident, $snapshot:ident, $context:ident, $reconciler:ident;)*) => {$(
        #[derive(Operator, Debug)]
        #[operator(primary = Ferry, resync = "off")]
        $(#[$attribute])*
        pub(crate) struct $operator;

        impl $reconciler for Noting {
            type Error = WriteError;

            async fn reconcile(&self, ferry: Arc<Ferry>, _: $snapshot, cx: $context) -> Result<Action, WriteError> {
                self.note(cx.triggers().to_string());
                cx.deployment().apply(ferry::deployment(&ferry)).await?;
                let seen = cx.snapshot();
                cx.apply_status(ferry::status(seen.deployment.as_deref(), seen.pods.iter().map(|pod| &**pod))).await?;
                Ok(Action::await_change())
            }
        }
    )*};
}

operators! {
    #[secondary(Deployment, one, predicate = resource_version_changed)]
    #[secondary(ReplicaSet, through = Deployment, predicate = resource_version_changed)]
    #[secondary(Pod, through = ReplicaSet, predicate = resource_version_changed)]
    ByVersion, ByVersionSnapshot, ByVersionContext, ByVersionReconciler;

    #[secondary(Deployment, one)]
    #[secondary(ReplicaSet, through = Deployment)]
    #[secondary(Pod, through = ReplicaSet)]
    ByContent, ByContentSnapshot, ByContentContext, ByContentReconciler;

    #[secondary(Deployment, one, predicate = spec_changed)]
    #[secondary(ReplicaSet, through = Deployment, predicate = spec_changed)]
    #[secondary(Pod, through = ReplicaSet, predicate = spec_changed)]
    BySpec, BySpecSnapshot, BySpecContext, BySpecReconciler;

    #[secondary(Deployment, one, predicate = changed(ready::deployment))]
    #[secondary(ReplicaSet, through = Deployment, predicate = changed(ready::replica_set))]
    #[secondary(Pod, through = ReplicaSet, predicate = changed(ready::pod))]
    ByReadiness, ByReadinessSnapshot, ByReadinessContext, ByReadinessReconciler;

    #[secondary(Deployment, one, predicate = changed(ready::deployment))]
    #[secondary(ReplicaSet, through = Deployment, predicate = changed(ready::replica_set), debounce = "2s")]
    #[secondary(Pod, through = ReplicaSet, predicate = changed(ready::pod), debounce = "2s")]
    Patiently, PatientlySnapshot, PatientlyContext, PatientlyReconciler;
}

/// What has triggered each run so far.
#[derive(Clone, Debug, Default)]
pub(super) struct Noting(Arc<Mutex<Vec<String>>>);

impl Noting {
    fn note(&self, triggers: String) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(triggers);
    }

    fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    Version,
    Content,
    Spec,
    Readiness,
    /// Beside it, what is below the Deployment waits for more.
    Patience,
    Kube,
}

impl Side {
    pub(super) const ALL: [Self; 6] =
        [Self::Version, Self::Content, Self::Spec, Self::Readiness, Self::Patience, Self::Kube];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Version => "`resource_version_changed`",
            Self::Content => "default",
            Self::Spec => "`spec_changed`",
            Self::Readiness => "`changed(ready)`",
            Self::Patience => "`changed(ready)`, Pods and ReplicaSets with a debounce of 2 s",
            Self::Kube => "Controller",
        }
    }

    /// Starts it in a namespace of its own.
    pub(super) async fn start(self, cluster: &'static ControlPlane, namespace: &str) -> Running {
        let noting = Noting::default();
        let reconciler = noting.clone();
        match self {
            Self::Version => ours(cluster, namespace, ByVersion::operator(reconciler), noting).await,
            Self::Content => ours(cluster, namespace, ByContent::operator(reconciler), noting).await,
            Self::Spec => ours(cluster, namespace, BySpec::operator(reconciler), noting).await,
            Self::Readiness => ours(cluster, namespace, ByReadiness::operator(reconciler), noting).await,
            Self::Patience => ours(cluster, namespace, Patiently::operator(reconciler), noting).await,
            Self::Kube => peer(cluster.client(), namespace).await,
        }
    }
}

/// A side at work.
pub(super) enum Running {
    Ours(Box<Operating>, Noting, AtomicU64),
    Kube(JoinHandle<()>, Arc<AtomicU64>),
}

impl Running {
    /// The runs so far.
    pub(super) fn runs(&self) -> u64 {
        match self {
            Self::Ours(_, noting, taken) => {
                let noted = noting.0.lock().unwrap_or_else(PoisonError::into_inner).len() as u64;
                taken.load(Ordering::Relaxed) + noted
            }
            Self::Kube(_, runs) => runs.load(Ordering::Relaxed),
        }
    }

    /// What has triggered the runs since this was asked last; kube does not say.
    pub(super) fn triggers(&self) -> Vec<String> {
        let Self::Ours(_, noting, taken) = self else { return Vec::new() };
        let triggers = noting.take();
        taken.fetch_add(triggers.len() as u64, Ordering::Relaxed);
        triggers
    }

    pub(super) async fn stop(self) {
        match self {
            Self::Ours(operating, ..) => operating.stop().await,
            Self::Kube(task, _) => task.abort(),
        }
    }
}

async fn ours<O: Operator>(
    cluster: &'static ControlPlane,
    namespace: &str,
    operator: OperatorBuilder<O>,
    noting: Noting,
) -> Running {
    let agent = format!("{namespace}/1");
    let operator = operator.namespace(namespace).debounce(Duration::ZERO);
    let manager = Manager::new(cluster.client_as(User::Admin, &agent)).with(operator);
    let operating = Operating::start(cluster, agent, manager);
    let kinds = ["ferries", "deployments", "replicasets", "pods"];
    eventually("it watches", async || kinds.iter().all(|kind| operating.watches(kind) > 0)).await;
    Running::Ours(Box::new(operating), noting, AtomicU64::new(0))
}

/// As kube's documentation shows it: what is owned, and what a label maps.
async fn peer(client: Client, namespace: &str) -> Running {
    fn ferry(object: &impl Resource) -> Option<ObjectRef<Ferry>> {
        let name = object.labels().get(LABEL)?;
        Some(ObjectRef::new(name).within(&object.namespace()?))
    }
    let runs = Arc::new(AtomicU64::new(0));
    let (ferries, deployments) =
        (Api::namespaced(client.clone(), namespace), Api::namespaced(client.clone(), namespace));
    let (sets, pods) = (Api::namespaced(client.clone(), namespace), Api::namespaced(client.clone(), namespace));
    let controller = Controller::new(ferries, Config::default())
        .owns::<Deployment>(deployments, Config::default())
        .watches(sets, Config::default(), |set: ReplicaSet| ferry(&set))
        .watches(pods, Config::default(), |pod: Pod| ferry(&pod))
        .run(reconcile, |_, _, _| controller::Action::requeue(Duration::from_secs(1)), Arc::new((client, runs.clone())))
        .for_each(|_| std::future::ready(()));
    let running = Running::Kube(tokio::spawn(controller), runs);
    // It does not say when its watches have begun.
    tokio::time::sleep(Duration::from_secs(1)).await;
    running
}

async fn reconcile(
    ferry: Arc<Ferry>,
    context: Arc<(Client, Arc<AtomicU64>)>,
) -> Result<controller::Action, kube::Error> {
    let (client, runs) = &*context;
    runs.fetch_add(1, Ordering::Relaxed);
    let (name, namespace) = (ferry.name_any(), ferry.namespace().unwrap_or_default());
    let deployments = Api::<Deployment>::namespaced(client.clone(), &namespace);
    let parameters = PatchParams::apply("ferry.bench").force();
    let mut found = deployments.get_opt(&name).await?;
    if !found.as_ref().is_some_and(|found| ferry::is_met(&ferry, found)) {
        let mut desired = ferry::deployment(&ferry);
        desired.metadata.owner_references = Some(ferry.controller_owner_ref(&()).into_iter().collect());
        found = Some(deployments.patch(&name, &parameters, &Patch::Apply(desired)).await?);
    }
    let labelled = ListParams::default().labels(&format!("{LABEL}={name}"));
    let pods = Api::<Pod>::namespaced(client.clone(), &namespace).list(&labelled).await?;
    let status = ferry::status(found.as_ref(), &pods.items);
    if ferry.status.as_ref() != Some(&status) {
        let patch = Patch::Merge(json!({ "status": status }));
        Api::<Ferry>::namespaced(client.clone(), &namespace)
            .patch_status(&name, &PatchParams::default(), &patch)
            .await?;
    }
    Ok(controller::Action::await_change())
}
