//! Operators that are stopped in the middle of everything, and others that go on from there.

use std::collections::BTreeMap;
use std::process::Stdio;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use examples::webapp::api::WebApp;
use examples::webapp::controller::Controller;
use examples::webapp::desired;
use http::header::USER_AGENT;
use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::{ConfigMap, Service};
use kube::api::{ListParams, Patch, PatchParams, PostParams};
use kube::config::{KubeConfigOptions, Kubeconfig};
use kube::{Client, Config, CustomResourceExt, Resource, ResourceExt};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::json;
use steersman::Manager;
use tests::{DEADLINE, Place, eventually, install};
use tokio::process::{Child, Command};

use crate::churn::{Churn, Rng};
use crate::{pick, turn};

#[tokio::test]
async fn managers_that_are_stopped_at_any_moment_leave_nothing_undone() {
    let (stops, primaries) = pick((8, 30), (60, 200));
    let turn = turn("stops").await;
    let place = &turn.place;
    let mut churn = Churn::new(place, primaries);
    churn.begin().await;
    let mut rng = Rng(7);
    let start = |grace: Duration| {
        let operator = churn.operator();
        let stats = operator.stats();
        (stats, place.operate(|manager| manager.with(operator).grace(grace)))
    };
    let mut operating = start(Duration::ZERO);
    let mut longest = Duration::ZERO;
    let mut runs = Vec::new();
    for stop in 0..stops {
        tokio::time::sleep(Duration::from_millis(rng.below(1500) as u64)).await;
        let (stats, manager) = operating;
        let begin = Instant::now();
        // It returns `Ok`, or this panics.
        manager.stop().await;
        longest = longest.max(begin.elapsed());
        runs.push(stats.runs());
        // Every other one cancels at once what is in progress.
        let grace = if stop % 2 == 0 { Duration::from_secs(10) } else { Duration::ZERO };
        operating = start(grace);
    }
    let cancelled = place.log.lines(&["cancelled the runs"]).len();
    churn.end().await;
    println!("{stops} stops, the longest took {longest:.1?}, {cancelled} cancelled runs; runs of each: {runs:?}");
    assert_eq!(operating.1.costs().reads, 0);
}

/// What an operator's process is told by its environment.
const KUBECONFIG: &str = "STEERSMAN_TEST_KUBECONFIG";
const NAMESPACE: &str = "STEERSMAN_TEST_NAMESPACE";
const AGENT: &str = "STEERSMAN_TEST_AGENT";

/// The process of an operator, which this program becomes when it is called so: the reconciler of `webapp` under
/// `Manager::run`. It ends with the exit code that a `main` would end with.
#[test]
#[ignore = "the operator's process of the other tests"]
fn as_operator() {
    let variables = [KUBECONFIG, NAMESPACE, AGENT].map(std::env::var);
    let [Ok(kubeconfig), Ok(namespace), Ok(agent)] = variables else { return };
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let ended = runtime.block_on(async {
        let kubeconfig = Kubeconfig::read_from(kubeconfig).expect("a kubeconfig");
        let config = Config::from_custom_kubeconfig(kubeconfig, &KubeConfigOptions::default()).await;
        let mut config = config.expect("it is usable");
        config.headers.push((USER_AGENT, agent.parse().expect("an agent is a header")));
        let client = Client::try_from(config).expect("it makes a client");
        Manager::new(client).with(WebApp::operator(Controller).namespace(namespace)).run().await
    });
    std::process::exit(i32::from(ended.is_err()));
}

/// Starts that process, and waits until it asks the API server for something. Before, it may not know of signals yet.
async fn operator(place: &Place) -> Child {
    let (mark, agent) = (place.cluster.mark(), place.agent());
    let program = std::env::current_exe().expect("this program has a path");
    let process = Command::new(program)
        .args(["--ignored", "--exact", "stopping::as_operator", "--nocapture"])
        .env(KUBECONFIG, place.cluster.kubeconfig())
        .env(NAMESPACE, &place.namespace)
        .env(AGENT, &agent)
        .stdout(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .expect("this program can be started");
    eventually("it is at work", async || !place.cluster.requests_since(mark, &agent).is_empty()).await;
    process
}

/// Asks it to end by SIGTERM; returns how long that took.
async fn terminate(mut operator: Child) -> Duration {
    let begin = Instant::now();
    let pid = operator.id().and_then(|id| Pid::from_raw(id.try_into().ok()?)).expect("it runs");
    kill_process(pid, Signal::TERM).expect("a signal can be sent");
    let status = tokio::time::timeout(DEADLINE, operator.wait()).await.expect("it ends").expect("it can be waited for");
    assert_eq!(status.code(), Some(0), "{status}");
    begin.elapsed()
}

/// What a foreign hand does to WebApps: creates, changes and deletes. What is left in the end, by name, with the image.
async fn hand(place: &Place, enough: &AtomicBool) -> BTreeMap<String, String> {
    let apps = place.api::<WebApp>();
    let (mut rng, mut count, mut left) = (Rng(11), 0, BTreeMap::new());
    while !enough.load(Ordering::Relaxed) {
        let names: Vec<String> = left.keys().cloned().collect();
        let image = format!("web:{count}");
        let any = (!names.is_empty()).then(|| names[rng.below(names.len())].clone());
        match (rng.below(10), any) {
            (0..4, Some(name)) => {
                let patch = json!({ "spec": { "image": image, "files": { "index": image } } });
                apps.patch(&name, &PatchParams::default(), &Patch::Merge(patch)).await.expect("it can be changed");
                left.insert(name, image);
            }
            (4..6, Some(name)) => {
                place.delete::<WebApp>(&name).await;
                left.remove(&name);
            }
            _ => {
                let name = format!("app-{count}");
                let spec = json!({ "image": image, "replicas": 1, "port": 8080, "files": { "index": image } });
                let app = json!({ "apiVersion": WebApp::api_version(&()), "kind": "WebApp",
                    "metadata": { "name": name }, "spec": spec });
                let app: WebApp = serde_json::from_value(app).expect("a WebApp");
                apps.create(&PostParams::default(), &app).await.expect("it can be created");
                left.insert(name, image);
            }
        }
        count += 1;
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    left
}

/// Whether there are just these WebApps, none of which is being deleted, and each has just what it asks for.
async fn is_served(place: &Place, expected: &BTreeMap<String, String>) -> bool {
    let all = ListParams::default();
    let apps = place.api::<WebApp>().list(&all).await.expect("they can be listed").items;
    let deployments = place.api::<Deployment>().list(&all).await.expect("they can be listed").items;
    let services = place.api::<Service>().list(&all).await.expect("they can be listed").items;
    let maps = place.api::<ConfigMap>().list(&all).await.expect("they can be listed").items;
    let images = apps.iter().map(|app| (app.name_any(), app.spec.image.clone()));
    if images.collect::<BTreeMap<_, _>>() != *expected || apps.iter().any(|app| app.meta().deletion_timestamp.is_some())
    {
        return false;
    }
    apps.iter().all(|app| {
        let (deployments, services, maps) = (of(app, &deployments), of(app, &services), of(app, &maps));
        let [deployment] = deployments[..] else { return false };
        let [service] = services[..] else { return false };
        let data = |maps: Vec<&ConfigMap>| maps.into_iter().map(|map| (map.name_any(), map.data.clone())).collect();
        let (found, asked): (BTreeMap<_, _>, _) = (data(maps), data(desired::config_maps(app).iter().collect()));
        found == asked
            && desired::is_met(app, deployment)
            && service.name_any() == desired::service(app).name_any()
            && app.finalizers() == ["demo.steersman.dev/cleanup"]
    })
}

/// What the WebApp controls.
fn of<'a, K: Resource>(app: &WebApp, objects: &'a [K]) -> Vec<&'a K> {
    let controlled = |object: &&K| {
        let mut owners = object.meta().owner_references.iter().flatten();
        owners.any(|owner| owner.controller == Some(true) && Some(&owner.uid) == app.meta().uid.as_ref())
    };
    objects.iter().filter(controlled).collect()
}

#[tokio::test]
async fn an_operator_that_gets_sigterm_at_any_moment_ends_well_and_the_next_one_goes_on() {
    let stops = pick(4, 25);
    let turn = turn("sigterm").await;
    let place = &turn.place;
    install(&place.client, WebApp::crd()).await;
    let enough = AtomicBool::new(false);
    let stop = async {
        let mut rng = Rng(13);
        let mut took = Vec::new();
        let mut process = operator(place).await;
        for _ in 0..stops {
            tokio::time::sleep(Duration::from_millis(rng.below(1000) as u64)).await;
            took.push(terminate(process).await);
            process = operator(place).await;
        }
        enough.store(true, Ordering::Relaxed);
        (process, took)
    };
    let ((process, took), left) = futures::join!(stop, hand(place, &enough));
    eventually("each WebApp has what it asks for", async || is_served(place, &left).await).await;
    println!(
        "{} WebApps after {stops} stops, the longest of which took {:.1?}",
        left.len(),
        took.iter().max().unwrap()
    );

    // The last ones are deleted while nobody is there, and stopped again while they are cleaned up.
    terminate(process).await;
    for name in left.keys() {
        place.delete::<WebApp>(name).await;
    }
    let process = operator(place).await;
    eventually("it cleans up", async || finalized(place).await.len() < left.len()).await;
    terminate(process).await;
    let process = operator(place).await;
    eventually("no finalizer is left behind", async || finalized(place).await.is_empty()).await;
    assert!(place.api::<WebApp>().list(&ListParams::default()).await.unwrap().items.is_empty());
    terminate(process).await;
}

/// The WebApps that have a finalizer.
async fn finalized(place: &Place) -> Vec<String> {
    let apps = place.api::<WebApp>().list(&ListParams::default()).await.expect("they can be listed");
    apps.iter().filter(|app| !app.finalizers().is_empty()).map(ResourceExt::name_any).collect()
}
