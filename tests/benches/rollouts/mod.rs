//! How often one primary runs while its Deployment rolls out, on a whole control plane, and how soon its status says so: by
//! what the operator looks at of Deployment, ReplicaSets and Pods, beside kube's plain `Controller`.

mod ferry;
mod observer;
mod sides;

use std::error::Error;
use std::time::{Duration, Instant};

use k8s_openapi::api::core::v1::Pod;
use kube::api::{DeleteParams, Patch, PatchParams, PostParams};
use kube::{Api, CustomResourceExt};
use serde_json::json;
use steersman_control_plane::ControlPlane;
use tests::install;

use ferry::{Ferry, FerrySpec};
use observer::Observer;
use sides::{Running, Side};

use crate::harness::{Goal, Quantity, Report, Size, median};

/// Nothing more is to come after this long.
const QUIET: Duration = Duration::from_secs(3);
const DEADLINE: Duration = Duration::from_secs(60);
const NAME: &str = "web";

/// What happens to a ferry, in this order.
const SCENES: [(&str, Goal); 4] = [
    ("creation, 3 replicas", Goal::AtMost(Quantity::Count(3.0))),
    ("rolling update, 3 replicas", Goal::AtMost(Quantity::Count(6.0))),
    ("a deleted Pod", Goal::None),
    ("scale from 1 to 3", Goal::None),
];

/// What a scene has cost.
#[derive(Clone, Copy, Debug)]
struct Cost {
    runs: f64,
    /// Seconds from the last change of the cluster until the status says what has become of it; infinite if it never does.
    reaction: f64,
    /// Events of the objects below.
    events: f64,
}

pub(crate) fn run(size: Size, report: &mut Report) -> Result<(), Box<dyn Error>> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    runtime.block_on(measure(size, report))
}

async fn measure(size: Size, report: &mut Report) -> Result<(), Box<dyn Error>> {
    let cluster = ControlPlane::shared().await?;
    install(&cluster.client(), Ferry::crd()).await;
    let mut rounds = [const { Vec::new() }; Side::ALL.len()];
    for _ in 0..size.pick(3, 1) {
        for (costs, side) in rounds.iter_mut().zip(Side::ALL) {
            costs.push(round(cluster, side).await?);
        }
    }
    let middle = |side: Side, scene: usize, of: fn(&Cost) -> f64| {
        median(rounds[side as usize].iter().map(|costs| of(&costs[scene])).collect())
    };
    for (scene, (what, goal)) in SCENES.into_iter().enumerate() {
        let events = middle(Side::Kube, scene, |cost| cost.events);
        for side in Side::ALL.into_iter().filter(|side| *side != Side::Kube) {
            let both = |of| [side, Side::Kube].map(|side| middle(side, scene, of));
            let [ours, peer] = both(|cost| cost.runs).map(Quantity::Count);
            let goal = if matches!(side, Side::Readiness | Side::Patience) { goal } else { Goal::None };
            let what = format!("runs: {what} ({events:.0} events), {}", side.name());
            report.row(what, ours, Some(("Controller", peer)), goal);
            let [ours, peer] = both(|cost| cost.reaction).map(Quantity::Seconds);
            report.row("… until the status says so", ours, Some(("Controller", peer)), Goal::None);
        }
    }
    Ok(())
}

/// All scenes, in a namespace of their own.
async fn round(cluster: &'static ControlPlane, side: Side) -> Result<[Cost; SCENES.len()], Box<dyn Error>> {
    let namespace = cluster.namespace("rollouts").await?;
    let client = cluster.client();
    let (ferries, pods) =
        (Api::<Ferry>::namespaced(client.clone(), &namespace), Api::<Pod>::namespaced(client.clone(), &namespace));
    let stage =
        Stage { side, running: side.start(cluster, &namespace).await, observer: Observer::start(&client, &namespace) };
    tokio::time::sleep(QUIET / 2).await;
    let patch = async |spec| {
        let patch = Patch::Merge(json!({ "spec": spec }));
        ferries.patch(NAME, &PatchParams::default(), &patch).await.map(|_| ())
    };

    let creation = stage.scene(SCENES[0].0, 3, async || {
        let ferry = Ferry::new(NAME, FerrySpec { image: "web:1".into(), replicas: 3 });
        ferries.create(&PostParams::default(), &ferry).await.map(|_| ())
    });
    let creation = creation.await?;
    let update = stage.scene(SCENES[1].0, 3, async || patch(json!({ "image": "web:2" })).await).await?;
    let deleted = stage.scene(SCENES[2].0, 3, async || {
        let pod = stage.observer.seen().cluster.0.pods[0].clone();
        pods.delete(&pod, &DeleteParams::default()).await.map(|_| ())
    });
    let deleted = deleted.await?;
    stage.scene("scale to 1", 1, async || patch(json!({ "replicas": 1 })).await).await?;
    let scale = stage.scene(SCENES[3].0, 3, async || patch(json!({ "replicas": 3 })).await).await?;

    ferries.delete(NAME, &DeleteParams::default()).await?;
    stage.running.stop().await;
    Ok([creation, update, deleted, scale])
}

struct Stage {
    side: Side,
    running: Running,
    observer: Observer,
}

impl Stage {
    /// Does something, and waits until the Deployment has as many Pods again and nothing more happens.
    async fn scene(
        &self,
        what: &str,
        replicas: usize,
        act: impl AsyncFnOnce() -> Result<(), kube::Error>,
    ) -> Result<Cost, Box<dyn Error>> {
        let now = || (self.running.runs(), self.observer.seen().events);
        let (before, begin) = (now(), Instant::now());
        act().await?;
        let (mut last, mut since) = (now(), Instant::now());
        loop {
            tokio::time::sleep(QUIET / 40).await;
            if now() != last {
                (last, since) = (now(), Instant::now());
            }
            let cluster = self.observer.seen().cluster.0;
            if since.elapsed() > QUIET && cluster.rolled_out && cluster.pods.len() == replicas {
                break;
            }
            if begin.elapsed() > DEADLINE {
                return Err(format!("{}, {what}: {cluster:?} is not the end", self.side.name()).into());
            }
        }
        let seen = self.observer.seen();
        let reaction = seen.status.1.saturating_duration_since(seen.cluster.1).as_secs_f64();
        let cost = Cost {
            runs: (last.0 - before.0) as f64,
            reaction: if seen.status.0 == seen.cluster.0 { reaction } else { f64::INFINITY },
            events: (last.1 - before.1) as f64,
        };
        let triggers = self.running.triggers().join(" | ");
        eprintln!(
            "  {}, {what}: {} runs at {} events, reaction {:.3} s: {triggers}",
            self.side.name(),
            cost.runs,
            cost.events,
            cost.reaction
        );
        Ok(cost)
    }
}
