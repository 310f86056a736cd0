//! How often what is ready changes while the controllers of Kubernetes work.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures::TryStreamExt;
use k8s_openapi::NamespaceResourceScope;
use k8s_openapi::api::apps::v1::{DaemonSet, Deployment, ReplicaSet, StatefulSet};
use k8s_openapi::api::batch::v1::Job;
use k8s_openapi::api::core::v1::Pod;
use kube::api::{Patch, PatchParams, PostParams, WatchEvent, WatchParams};
use kube::{Api, Client, Resource, ResourceExt};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use steersman::ready::{self, Readiness};
use tests::{eventually, typed};
use tokio::task::JoinSet;
use tokio::time::Instant;

use crate::place;

/// All events of the kinds that it follows, and which of them were news to a predicate.
#[derive(Clone, Debug, Default)]
struct Follower(Arc<Mutex<Seen>>);

#[derive(Debug, Default)]
struct Seen {
    events: usize,
    news: Vec<(Instant, String)>,
    last: BTreeMap<String, (bool, Readiness)>,
}

impl Follower {
    /// Follows a kind from here on.
    async fn follow<K>(&self, tasks: &mut JoinSet<()>, client: &Client, namespace: &str, ready: fn(&K) -> Readiness)
    where
        K: Resource<DynamicType = (), Scope = NamespaceResourceScope>
            + Clone
            + Debug
            + DeserializeOwned
            + Send
            + 'static,
    {
        let api = Api::<K>::namespaced(client.clone(), namespace);
        let version =
            api.list(&Default::default()).await.expect("a list").metadata.resource_version.unwrap_or_default();
        let this = self.clone();
        tasks.spawn(async move {
            let mut events = Box::pin(api.watch(&WatchParams::default(), &version).await.expect("a watch"));
            while let Some(event) = events.try_next().await.expect("the watch goes on") {
                this.sees(event, ready);
            }
        });
    }

    fn sees<K: Resource<DynamicType = ()>>(&self, event: WatchEvent<K>, ready: fn(&K) -> Readiness) {
        let mut seen = self.0.lock().unwrap();
        let (object, gone) = match &event {
            WatchEvent::Added(object) | WatchEvent::Modified(object) => (object, false),
            WatchEvent::Deleted(object) => (object, true),
            _ => return,
        };
        seen.events += 1;
        let name = format!("{} {}", K::kind(&()), object.name_any());
        let now = (object.meta().deletion_timestamp.is_some(), ready(object));
        let before = if gone { seen.last.remove(&name) } else { seen.last.insert(name.clone(), now) };
        if gone || before != Some(now) {
            seen.news.push((Instant::now(), if gone { format!("{name} gone") } else { format!("{name} {:?}", now.1) }));
        }
    }

    /// Until nothing has happened for a while: the number of events, and the news.
    async fn rest(&self) -> (usize, News) {
        let mut before = 0;
        loop {
            tokio::time::sleep(Duration::from_secs(3)).await;
            let events = self.0.lock().unwrap().events;
            if events == before {
                break;
            }
            before = events;
        }
        let mut seen = self.0.lock().unwrap();
        (std::mem::take(&mut seen.events), News(std::mem::take(&mut seen.news)))
    }
}

struct News(Vec<(Instant, String)>);

impl News {
    /// How many are about this kind.
    fn about(&self, kind: &str) -> usize {
        self.0.iter().filter(|(_, news)| news.starts_with(&format!("{kind} "))).count()
    }

    /// How many runs there would be if each took in what comes within that time.
    fn runs(&self, window: Duration) -> usize {
        let (mut runs, mut until) = (0, None);
        for (at, _) in &self.0 {
            if until.is_none_or(|until| *at >= until) {
                (runs, until) = (runs + 1, Some(*at + window));
            }
        }
        runs
    }

    fn report(&self, what: &str, events: usize) {
        let runs = [0, 1, 5, 20, 100, 300].map(|ms| format!("{} in {ms} ms", self.runs(Duration::from_millis(ms))));
        println!("{what}: {events} events, {} news; runs by what they take in: {}", self.0.len(), runs.join(", "));
    }
}

fn workload(image: &str) -> Value {
    let labels = json!({ "app": "web" });
    let containers = json!([{ "name": "web", "image": image }]);
    json!({
        "replicas": 3,
        "selector": { "matchLabels": labels },
        "template": { "metadata": { "labels": labels }, "spec": { "containers": containers } },
    })
}

async fn create<K>(client: &Client, namespace: &str, spec: Value) -> Api<K>
where
    K: Resource<DynamicType = (), Scope = NamespaceResourceScope> + Clone + Debug + DeserializeOwned + Serialize,
{
    let api = Api::<K>::namespaced(client.clone(), namespace);
    let object = typed(json!({ "metadata": { "name": "web" }, "spec": spec }));
    api.create(&PostParams::default(), &object).await.expect("it is created");
    api
}

async fn is<K: Resource + Clone + Debug + DeserializeOwned>(api: &Api<K>, what: Readiness, ready: fn(&K) -> Readiness) {
    eventually(&format!("it is {what:?}"), async || api.get("web").await.is_ok_and(|object| ready(&object) == what))
        .await;
}

#[tokio::test]
async fn a_rollout_is_news_a_few_times() {
    let place = place("a-rollout-is-news").await;
    let (client, namespace) = (&place.client, &*place.namespace);
    let (follower, mut tasks) = (Follower::default(), JoinSet::new());
    follower.follow::<Deployment>(&mut tasks, client, namespace, ready::deployment).await;
    follower.follow::<ReplicaSet>(&mut tasks, client, namespace, ready::replica_set).await;
    follower.follow::<Pod>(&mut tasks, client, namespace, ready::pod).await;

    let deployments = create::<Deployment>(client, namespace, workload("one")).await;
    is(&deployments, Readiness::Ready, ready::deployment).await;
    let (events, news) = follower.rest().await;
    news.report("creation", events);
    assert_eq!((news.about("Deployment"), news.about("ReplicaSet")), (2, 2), "{:?}", news.0);
    // At least: the Deployment and its ReplicaSet are created and say once how they are; each Pod is created, bound, and runs.
    assert!(news.about("Pod") <= 6 && events >= 2 + 2 + 3 * 3, "{events}: {:?}", news.0);

    let update = Patch::Merge(json!({ "spec": workload("two") }));
    deployments.patch("web", &PatchParams::default(), &update).await.expect("it is patched");
    is(&deployments, Readiness::Progressing, ready::deployment).await;
    is(&deployments, Readiness::Ready, ready::deployment).await;
    let (events, news) = follower.rest().await;
    news.report("rolling update", events);
    assert_eq!((news.about("Deployment"), news.about("ReplicaSet")), (2, 4), "{:?}", news.0);
    // Each Pod that goes and each that comes has two. At least: the Deployment is patched and says once how it is; a ReplicaSet is created,
    // scaled up and says how it is, the other one is scaled down; three Pods come, and three are told to go, and go.
    assert!(news.about("Pod") <= 12 && events >= 2 + 3 + 1 + 3 * 3 + 3 * 2, "{events}: {:?}", news.0);
}

#[tokio::test]
async fn what_is_ready_on_a_real_api_server() {
    let place = place("what-is-ready").await;
    let (client, namespace) = (&place.client, &*place.namespace);
    let mut set = workload("one");
    set["serviceName"] = json!("web");
    let sets = create::<StatefulSet>(client, namespace, set.clone()).await;
    is(&sets, Readiness::Ready, ready::stateful_set).await;
    set["template"]["spec"]["containers"][0]["image"] = json!("two");
    sets.patch("web", &PatchParams::default(), &Patch::Merge(json!({ "spec": set }))).await.expect("it is patched");
    assert_eq!(ready::stateful_set(&sets.get("web").await.expect("it is there")), Readiness::Progressing);
    is(&sets, Readiness::Ready, ready::stateful_set).await;

    let mut everywhere = workload("one");
    everywhere.as_object_mut().expect("a spec").remove("replicas");
    let sets = create::<DaemonSet>(client, namespace, everywhere).await;
    is(&sets, Readiness::Ready, ready::daemon_set).await;

    let mut job = json!({ "template": workload("one")["template"], "suspend": true });
    job["template"]["spec"]["restartPolicy"] = json!("Never");
    let jobs = create::<Job>(client, namespace, job).await;
    is(&jobs, Readiness::Suspended, ready::job).await;
    let go = Patch::Merge(json!({ "spec": { "suspend": false } }));
    jobs.patch("web", &PatchParams::default(), &go).await.expect("it is patched");
    is(&jobs, Readiness::Completed, ready::job).await;
}
