//! Somebody who only looks: when the cluster came to be as it is, and when the status said so.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use futures::StreamExt;
use futures::stream::{BoxStream, select_all};
use k8s_openapi::NamespaceResourceScope;
use k8s_openapi::api::apps::v1::{Deployment, ReplicaSet};
use k8s_openapi::api::core::v1::Pod;
use kube::runtime::watcher::{Config, Event, watcher};
use kube::{Api, Client, Resource, ResourceExt};
use serde::de::DeserializeOwned;
use tokio::task::JoinHandle;

use super::ferry::{self, Ferry, FerryStatus};

/// What was seen last, and since when it is so.
#[derive(Clone, Debug)]
pub(super) struct Seen {
    deployment: Option<Deployment>,
    pods: BTreeMap<String, Pod>,
    /// What the status ought to be.
    pub(super) cluster: (FerryStatus, Instant),
    /// What it is.
    pub(super) status: (FerryStatus, Instant),
    /// Events of Deployments, ReplicaSets and Pods.
    pub(super) events: u64,
}

/// Watches a namespace until it is dropped.
pub(super) struct Observer {
    seen: Arc<Mutex<Seen>>,
    task: JoinHandle<()>,
}

impl Observer {
    pub(super) fn start(client: &Client, namespace: &str) -> Self {
        let never = || (FerryStatus::default(), Instant::now());
        let seen = Seen { deployment: None, pods: BTreeMap::new(), cluster: never(), status: never(), events: 0 };
        let seen = Arc::new(Mutex::new(seen));
        let steps = select_all([
            steps(client, namespace, |seen, deployment: Deployment, is| {
                seen.deployment = is.then_some(deployment);
                seen.events += 1;
            }),
            steps(client, namespace, |seen, _: ReplicaSet, _| seen.events += 1),
            steps(client, namespace, |seen, pod: Pod, is| {
                let name = pod.name_any();
                if is {
                    seen.pods.insert(name, pod)
                } else {
                    seen.pods.remove(&name)
                };
                seen.events += 1;
            }),
            steps(client, namespace, |seen, ferry: Ferry, _| {
                note(&mut seen.status, ferry.status.unwrap_or_default());
            }),
        ]);
        let shared = seen.clone();
        let task = tokio::spawn(steps.for_each(move |step| {
            let mut seen = lock(&shared);
            step(&mut seen);
            let cluster = ferry::status(seen.deployment.as_ref(), seen.pods.values());
            note(&mut seen.cluster, cluster);
            std::future::ready(())
        }));
        Self { seen, task }
    }

    pub(super) fn seen(&self) -> Seen {
        lock(&self.seen).clone()
    }
}

impl Drop for Observer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

type Step = Box<dyn FnOnce(&mut Seen) + Send>;

/// What each event of a kind does; `true` for an object that is there.
fn steps<K>(client: &Client, namespace: &str, step: fn(&mut Seen, K, bool)) -> BoxStream<'static, Step>
where
    K: Resource<DynamicType = (), Scope = NamespaceResourceScope>
        + Clone
        + std::fmt::Debug
        + DeserializeOwned
        + Send
        + 'static,
{
    let events = watcher(Api::<K>::namespaced(client.clone(), namespace), Config::default());
    let steps = events.filter_map(move |event| {
        std::future::ready(match event {
            Ok(Event::Apply(object) | Event::InitApply(object)) => {
                Some(Box::new(move |seen: &mut Seen| step(seen, object, true)) as Step)
            }
            Ok(Event::Delete(object)) => Some(Box::new(move |seen: &mut Seen| step(seen, object, false)) as Step),
            // What it missed, it is shown again.
            Ok(Event::Init | Event::InitDone) | Err(_) => None,
        })
    });
    steps.boxed()
}

fn note(noted: &mut (FerryStatus, Instant), now: FerryStatus) {
    if noted.0 != now {
        *noted = (now, Instant::now());
    }
}

fn lock(seen: &Mutex<Seen>) -> MutexGuard<'_, Seen> {
    seen.lock().unwrap_or_else(PoisonError::into_inner)
}
