//! What it costs until 100 WebApps of the flagship are ready, on a whole control plane with Pods that become ready at once.

use std::collections::HashMap;
use std::error::Error;
use std::time::{Duration, Instant};

use examples::webapp::api::{WebApp, WebAppSpec};
use examples::webapp::controller::Controller;
use futures::{StreamExt, TryStreamExt, stream};
use k8s_openapi::api::apps::v1::Deployment;
use kube::api::{DeleteParams, ListParams, PostParams};
use kube::runtime::WatchStreamExt;
use kube::runtime::watcher::{Config, watcher};
use kube::{Api, CustomResourceExt, ResourceExt};
use steersman::{Manager, Stats};
use steersman_control_plane::{ControlPlane, User};
use tests::{Operating, eventually, install};

use crate::harness::{Goal, Quantity, Report, Size, median};

const WEB_APPS: usize = 100;
/// An operator that did nothing for this long has come to rest.
const QUIET: Duration = Duration::from_secs(3);
const DEADLINE: Duration = Duration::from_secs(120);

/// One round.
struct Costs {
    runs: f64,
    writes: f64,
    reads: usize,
    /// Seconds from the creation of each WebApp to its status that says ready, in order.
    ready: Vec<f64>,
}

pub(crate) fn run(size: Size, report: &mut Report) -> Result<(), Box<dyn Error>> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    runtime.block_on(measure(size, report))
}

async fn measure(size: Size, report: &mut Report) -> Result<(), Box<dyn Error>> {
    let cluster = ControlPlane::shared().await?;
    install(&cluster.client(), WebApp::crd()).await;
    let mut rounds = Vec::new();
    for _ in 0..size.pick(5, 1) {
        let costs = round(cluster).await?;
        eprintln!(
            "  one round: {:.2} runs and {:.2} writes for each, {} reads, ready after {:.2} to {:.2} s",
            costs.runs,
            costs.writes,
            costs.reads,
            costs.ready[0],
            costs.ready[WEB_APPS - 1]
        );
        rounds.push(costs);
    }
    let middle = |of: fn(&Costs) -> f64| median(rounds.iter().map(of).collect());
    let (runs, writes) = (middle(|costs| costs.runs), middle(|costs| costs.writes));
    let count = |text, count, most| (format!("creation of a WebApp: {text}"), Quantity::Count(count), most);
    for (what, ours, most) in [count("runs", runs, 2.1), count("writes", writes, 6.0)] {
        report.row(what, ours, None, Goal::AtMost(Quantity::Count(most)));
    }
    let reads = middle(|costs| costs.reads as f64);
    report.row("creation of 100 WebApps: reads", Quantity::Count(reads), None, Goal::AtMost(Quantity::Count(0.0)));
    let [p50, p99] = [middle(|costs| costs.ready[WEB_APPS / 2]), middle(|costs| costs.ready[WEB_APPS * 99 / 100])];
    report.row("… ready, the middle one", Quantity::Seconds(p50), None, Goal::None);
    report.row("… ready, all but one", Quantity::Seconds(p99), None, Goal::None);
    Ok(())
}

/// Creates the WebApps in a namespace of their own, under an operator of their own, and deletes them.
async fn round(cluster: &'static ControlPlane) -> Result<Costs, Box<dyn Error>> {
    let namespace = cluster.namespace("creation").await?;
    let apps: Api<WebApp> = Api::namespaced(cluster.client(), &namespace);
    let operator = WebApp::operator(Controller).namespace(&namespace);
    let stats = operator.stats();
    let agent = format!("{namespace}/1");
    let manager = Manager::new(cluster.client_as(User::Admin, &agent)).with(operator);
    let operating = Operating::start(cluster, agent, manager);
    eventually("it watches", async || operating.watches("webapps") + operating.watches("deployments") >= 2).await;

    let ready = tokio::spawn(ready(apps.clone()));
    let spec = WebAppSpec { image: "web:1".into(), replicas: 2, port: 8080, tier: None, files: None };
    let created: HashMap<String, Instant> = stream::iter((0..WEB_APPS).map(|i| format!("web-{i}")))
        .map(|name| {
            let (apps, app) = (apps.clone(), WebApp::new(&name, spec.clone()));
            async move {
                let begin = Instant::now();
                apps.create(&PostParams::default(), &app).await.map(|_| (name, begin))
            }
        })
        .buffer_unordered(10)
        .try_collect()
        .await?;
    let ready = tokio::time::timeout(DEADLINE, ready).await???;
    let mut ready: Vec<f64> = ready.iter().map(|(name, at)| at.duration_since(created[name]).as_secs_f64()).collect();
    ready.sort_by(f64::total_cmp);
    quiet(&stats).await;
    let costs = operating.costs();
    let each = |count: f64| count / WEB_APPS as f64;
    let costs = Costs { runs: each(stats.runs() as f64), writes: each(costs.writes as f64), reads: costs.reads, ready };

    apps.delete_collection(&DeleteParams::default(), &ListParams::default()).await?;
    let deployments: Api<Deployment> = Api::namespaced(cluster.client(), &namespace);
    let none = ListParams::default();
    eventually("all is collected", async || deployments.list(&none).await.is_ok_and(|all| all.items.is_empty())).await;
    operating.stop().await;
    Ok(costs)
}

/// When each WebApp first said that it is ready.
async fn ready(apps: Api<WebApp>) -> Result<HashMap<String, Instant>, kube::runtime::watcher::Error> {
    let mut seen = HashMap::new();
    let mut events = std::pin::pin!(watcher(apps, Config::default()).applied_objects());
    while seen.len() < WEB_APPS
        && let Some(app) = events.try_next().await?
    {
        if app.status.as_ref().is_some_and(|status| status.ready) {
            seen.entry(app.name_any()).or_insert_with(Instant::now);
        }
    }
    Ok(seen)
}

async fn quiet(stats: &Stats) {
    let mut last = (stats.runs(), Instant::now());
    while last.1.elapsed() < QUIET {
        tokio::time::sleep(QUIET / 30).await;
        if stats.runs() != last.0 {
            last = (stats.runs(), Instant::now());
        }
    }
}
