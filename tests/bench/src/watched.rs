//! What the harness itself sees of the cluster.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use examples::webapp::api::WebApp;
use futures::StreamExt;
use k8s_openapi::NamespaceResourceScope;
use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::{ConfigMap, Pod, Service};
use kube::runtime::watcher::{Config, Event, watcher};
use kube::{Api, Client, Resource, ResourceExt};
use serde::de::DeserializeOwned;
use tokio::task::JoinHandle;

/// How long to wait before the next attempt where a watch has failed: the API server is restarted on purpose.
const RETRY: Duration = Duration::from_millis(100);

/// A namespace as it is, and as it has become so.
#[derive(Debug)]
pub(crate) struct Observer {
    pub(crate) apps: Watched<WebApp>,
    pub(crate) deployments: Watched<Deployment>,
    pub(crate) services: Watched<Service>,
    pub(crate) config_maps: Watched<ConfigMap>,
    pub(crate) pods: Watched<Pod>,
}

impl Observer {
    pub(crate) fn start(client: &Client, namespace: &str) -> Self {
        Self {
            apps: Watched::start(client, namespace),
            deployments: Watched::start(client, namespace),
            services: Watched::start(client, namespace),
            config_maps: Watched::start(client, namespace),
            pods: Watched::start(client, namespace),
        }
    }
}

/// The objects of one kind in a namespace, followed until this is dropped.
#[derive(Debug)]
pub(crate) struct Watched<K> {
    shared: Arc<Mutex<Seen<K>>>,
    task: JoinHandle<()>,
}

/// Something that a watch has shown.
#[derive(Clone, Debug)]
pub(crate) struct Entry<K> {
    pub(crate) at: Instant,
    pub(crate) name: String,
    /// None if it is gone.
    pub(crate) object: Option<Arc<K>>,
}

#[derive(Debug)]
struct Seen<K> {
    now: BTreeMap<String, Arc<K>>,
    journal: Vec<Entry<K>>,
    /// While a list is received: what it has shown.
    listed: BTreeSet<String>,
}

impl<K> Watched<K>
where
    K: Resource<DynamicType = (), Scope = NamespaceResourceScope>
        + Clone
        + Debug
        + DeserializeOwned
        + Send
        + Sync
        + 'static,
{
    fn start(client: &Client, namespace: &str) -> Self {
        let seen = Seen { now: BTreeMap::new(), journal: Vec::new(), listed: BTreeSet::new() };
        let shared = Arc::new(Mutex::new(seen));
        let events = watcher(Api::<K>::namespaced(client.clone(), namespace), Config::default());
        let noted = shared.clone();
        let task = tokio::spawn(async move {
            let mut events = std::pin::pin!(events);
            while let Some(event) = events.next().await {
                match event {
                    Ok(event) => lock(&noted).take(event),
                    Err(_) => tokio::time::sleep(RETRY).await,
                }
            }
        });
        Self { shared, task }
    }

    /// The objects by name.
    pub(crate) fn now(&self) -> BTreeMap<String, Arc<K>> {
        lock(&self.shared).now.clone()
    }

    /// How much was seen so far: a place in the journal.
    pub(crate) fn place(&self) -> usize {
        lock(&self.shared).journal.len()
    }

    /// What was seen since then.
    pub(crate) fn since(&self, place: usize) -> Vec<Entry<K>> {
        lock(&self.shared).journal[place..].to_vec()
    }
}

impl<K> Drop for Watched<K> {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl<K: ResourceExt> Seen<K> {
    fn take(&mut self, event: Event<K>) {
        match event {
            Event::Init => self.listed.clear(),
            Event::InitApply(object) => {
                self.listed.insert(object.name_any());
                self.put(object);
            }
            Event::InitDone => {
                let gone: Vec<String> = self.now.keys().filter(|name| !self.listed.contains(*name)).cloned().collect();
                for name in gone {
                    self.remove(name);
                }
            }
            Event::Apply(object) => self.put(object),
            Event::Delete(object) => self.remove(object.name_any()),
        }
    }

    fn put(&mut self, object: K) {
        let name = object.name_any();
        if self.now.get(&name).is_some_and(|known| known.resource_version() == object.resource_version()) {
            return;
        }
        let object = Arc::new(object);
        self.now.insert(name.clone(), object.clone());
        self.journal.push(Entry { at: Instant::now(), name, object: Some(object) });
    }

    fn remove(&mut self, name: String) {
        if self.now.remove(&name).is_some() {
            self.journal.push(Entry { at: Instant::now(), name, object: None });
        }
    }
}

fn lock<K>(seen: &Mutex<Seen<K>>) -> MutexGuard<'_, Seen<K>> {
    seen.lock().unwrap_or_else(PoisonError::into_inner)
}
