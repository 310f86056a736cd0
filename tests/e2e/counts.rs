//! What the flagship costs, in runs and requests, by its own counters and by the API server's audit log.
//!
//! `STEERSMAN_COUNTS=100` has 100 WebApps, a steady minute and 20 rounds of quick flips; by default it is a tenth of that.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use examples::webapp::api::{WebApp, WebAppSpec};
use examples::webapp::controller::Controller;
use futures::future::join_all;
use k8s_openapi::api::core::v1::{Pod, Service};
use kube::ResourceExt;
use kube::api::{DeleteParams, ListParams};
use steersman::{Operator, OperatorBuilder, Stats};
use steersman_control_plane::Counts;
use tests::{Operating, Place, eventually};

use crate::place;

/// An operator that has done nothing for this long has come to rest.
const QUIET: Duration = Duration::from_secs(2);

/// What was done since the last look.
struct Meter<'a> {
    operating: &'a Operating,
    stats: &'a Stats,
    runs: u64,
    before: Counts,
}

impl<'a> Meter<'a> {
    fn new(operating: &'a Operating, stats: &'a Stats) -> Self {
        Self { operating, stats, runs: 0, before: Counts::default() }
    }

    /// Runs and writes since the last time, once all is quiet. Never a read.
    async fn take(&mut self) -> (u64, usize) {
        let mut last = (self.stats.runs(), Instant::now());
        while last.1.elapsed() < QUIET {
            tokio::time::sleep(QUIET / 20).await;
            if self.stats.runs() != last.0 {
                last = (self.stats.runs(), Instant::now());
            }
        }
        let costs = self.operating.costs();
        assert_eq!(costs.reads, 0, "{costs:?}");
        let taken = (last.0 - self.runs, costs.writes - self.before.writes);
        (self.runs, self.before) = (last.0, costs);
        taken
    }
}

fn operator(place: &Place) -> OperatorBuilder<impl Operator> {
    WebApp::operator(Controller).namespace(&place.namespace)
}

async fn all_ready(place: &Place, count: usize) {
    eventually("every WebApp says that it is ready", async || {
        let apps = place.api::<WebApp>().list(&ListParams::default()).await.expect("they can be listed");
        let ready =
            |app: &&WebApp| app.status.as_ref().is_some_and(|status| status.ready && status.ready_replicas == 2);
        apps.items.iter().filter(ready).count() == count
    })
    .await;
}

/// Deletes one Pod of each Deployment.
async fn delete_pods(place: &Place) {
    let pods = place.api::<Pod>().list(&ListParams::default()).await.expect("they can be listed");
    let mut hit = BTreeSet::new();
    let one = pods.iter().filter(|pod| hit.insert(pod.labels().get("app.kubernetes.io/instance").cloned()));
    let api = place.api::<Pod>();
    let now = DeleteParams { grace_period_seconds: Some(0), ..DeleteParams::default() };
    join_all(one.map(|pod| api.delete(pod.metadata.name.as_deref().unwrap_or_default(), &now))).await;
}

#[tokio::test]
async fn what_the_flagship_costs() {
    let full = std::env::var_os("STEERSMAN_COUNTS").is_some();
    let (count, steady, rounds) = if full { (100, 60, 20) } else { (10, 3, 3) };
    let place = place("counts").await;
    let first = operator(&place);
    let stats = first.stats();
    let operating = place.operate(|manager| manager.with(first));
    place.started(1).await;
    for i in 0..count {
        let spec = WebAppSpec { image: "web:1".into(), replicas: 2, port: 8080, tier: None, files: None };
        place.create(WebApp::new(&format!("web-{i}"), spec)).await;
    }
    all_ready(&place, count).await;
    let mut meter = Meter::new(&operating, &stats);
    let (runs, writes) = meter.take().await;
    println!("creation of {count}: {runs} runs, {writes} writes");

    tokio::time::sleep(Duration::from_secs(steady)).await;
    assert_eq!(meter.take().await, (0, 0), "steady state");

    let services = place.api::<Service>();
    join_all((0..count).map(|i| place.delete::<Service>(Box::leak(format!("web-{i}").into_boxed_str())))).await;
    eventually("the Services are back", async || {
        services.list(&ListParams::default()).await.is_ok_and(|services| services.items.len() == count)
    })
    .await;
    assert_eq!(meter.take().await, (count as u64, count), "repair of the Services");

    delete_pods(&place).await;
    let (runs, writes) = meter.take().await;
    println!("one Pod of each of {count} deleted: {runs} runs, {writes} writes");
    // Where the machine is busy, the Deployment controller may take its time for what are two steps otherwise.
    assert!(runs <= if full { 2 } else { 3 } * count as u64, "{runs} runs");
    all_ready(&place, count).await;

    // Two, one, two ready replicas, quickly: no status may stay at what it was in between.
    for _ in 0..rounds {
        delete_pods(&place).await;
    }
    all_ready(&place, count).await;
    let (runs, writes) = meter.take().await;
    println!("{rounds} rounds of quick flips: {runs} runs, {writes} writes");
    all_ready(&place, count).await;
    operating.stop().await;

    let second = operator(&place);
    let stats = second.stats();
    let operating = place.operate(|manager| manager.with(second));
    place.started(2).await;
    assert_eq!(Meter::new(&operating, &stats).take().await, (count as u64, 0), "restart of the operator");
    let lists = operating.requests().into_iter().filter(|request| request.path.contains("sendInitialEvents"));
    assert_eq!(lists.filter(|request| request.code == 200).count(), 4, "a streaming list for each kind");
}
