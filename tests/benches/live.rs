//! Beside kube's `Controller` at a real API server with 1,000 primaries: from the start to the first run of each, and from an
//! event to its run while many change.

use std::collections::HashMap;
use std::error::Error;
use std::fmt::Debug;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use futures::{StreamExt, TryStreamExt, stream};
use k8s_openapi::api::core::v1::ConfigMap;
use kube::api::{Patch, PatchParams, PostParams};
use kube::runtime::controller::{self, Controller};
use kube::runtime::watcher::Config;
use kube::{Api, Client, CustomResourceExt, Resource, ResourceExt};
use serde_json::json;
use steersman::{Action, BoxError, Manager};
use steersman_control_plane::ControlPlane;
use tests::{eventually, install};
use tokio::task::JoinHandle;

use crate::harness::{Goal, Quantity, Report, Size, median};
use crate::operators::{Folder, FolderContext, FolderReconciler, FolderSnapshot, FolderSpec};

const PRIMARIES: usize = 1_000;
/// Changes a second: each of another primary's child.
const RATE: u64 = 200;

/// What the reconcilers of both sides note: which primaries have run since they were last asked for.
#[derive(Debug, Default)]
struct Notes {
    runs: AtomicU64,
    /// When a child of the primary with this name was changed, and has not been seen yet.
    asked: Mutex<HashMap<String, Instant>>,
    /// Seconds from the request that changed a child to the beginning of the run.
    delays: Mutex<Vec<f64>>,
}

impl Notes {
    fn run(&self, name: &str) {
        self.runs.fetch_add(1, Ordering::Relaxed);
        if let Some(asked) = lock(&self.asked).remove(name) {
            lock(&self.delays).push(asked.elapsed().as_secs_f64());
        }
    }

    fn runs(&self) -> u64 {
        self.runs.load(Ordering::Relaxed)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

struct Ours(Arc<Notes>);

impl FolderReconciler for Ours {
    type Error = BoxError;

    async fn reconcile(&self, folder: Arc<Folder>, _: FolderSnapshot, _: FolderContext) -> Result<Action, BoxError> {
        self.0.run(&folder.name_any());
        Ok(Action::await_change())
    }
}

/// Which side is measured.
#[derive(Clone, Copy, Debug)]
enum Side {
    Ours,
    Peer,
}

impl Side {
    const BOTH: [Self; 2] = [Self::Ours, Self::Peer];

    fn start(self, client: &Client, namespace: &str, notes: Arc<Notes>) -> JoinHandle<()> {
        match self {
            Self::Ours => {
                let manager = Manager::new(client.clone()).with(Folder::operator(Ours(notes)).namespace(namespace));
                tokio::spawn(async move {
                    let _ = manager.run_until(std::future::pending()).await;
                })
            }
            Self::Peer => {
                let folders = Api::<Folder>::namespaced(client.clone(), namespace);
                let maps = Api::<ConfigMap>::namespaced(client.clone(), namespace);
                let reconcile = async |folder: Arc<Folder>, notes: Arc<Notes>| {
                    notes.run(&folder.name_any());
                    Ok::<_, std::convert::Infallible>(controller::Action::await_change())
                };
                let controller = Controller::new(folders, Config::default()).owns(maps, Config::default()).run(
                    reconcile,
                    |_, _, _| controller::Action::await_change(),
                    notes,
                );
                tokio::spawn(controller.for_each(|_| std::future::ready(())))
            }
        }
    }
}

pub(crate) fn run(size: Size, report: &mut Report) -> Result<(), Box<dyn Error>> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    runtime.block_on(measure(size, report))
}

async fn measure(size: Size, report: &mut Report) -> Result<(), Box<dyn Error>> {
    let cluster = ControlPlane::builder().api_server_only().start().await?;
    let client = cluster.client();
    install(&client, Folder::crd()).await;
    let namespace = cluster.namespace("live").await?;
    furnish(&client, &namespace).await?;
    let mut starts = [const { Vec::new() }; 2];
    let mut delays = [const { Vec::new() }; 2];
    for round in 0..size.pick(5, 2) {
        for turn in 0..2 {
            let side = (round + turn) % 2;
            let (start, waited) = round_of(Side::BOTH[side], &client, &namespace, size).await?;
            starts[side].push(start);
            delays[side].push(waited);
        }
    }
    let [ours, peer] = starts.map(|samples| Quantity::Seconds(median(samples)));
    report.row(
        "real API server: start to the first runs of 1,000 primaries",
        ours,
        Some(("Controller", peer)),
        Goal::None,
    );
    for (what, part) in [("p50", 50), ("p99", 99)] {
        let at = |rounds: &Vec<Vec<f64>>| {
            Quantity::Seconds(median(rounds.iter().map(|delays| delays[delays.len() * part / 100]).collect()))
        };
        let what = format!("… change of a child to the run, {RATE} changes a second, {what}");
        report.row(what, at(&delays[0]), Some(("Controller", at(&delays[1]))), Goal::None);
    }
    Ok(())
}

/// Primaries with a child each.
async fn furnish(client: &Client, namespace: &str) -> Result<(), kube::Error> {
    let (folders, maps) =
        (Api::<Folder>::namespaced(client.clone(), namespace), Api::<ConfigMap>::namespaced(client.clone(), namespace));
    let one = async |number: usize| {
        let name = name(number);
        let folder = folders.create(&PostParams::default(), &Folder::new(&name, FolderSpec { size: 1 })).await?;
        let mut map = ConfigMap { data: Some([("text".to_owned(), "0".to_owned())].into()), ..ConfigMap::default() };
        map.metadata.name = Some(name);
        map.metadata.owner_references = folder.controller_owner_ref(&()).map(|owner| vec![owner]);
        maps.create(&PostParams::default(), &map).await
    };
    stream::iter((0..PRIMARIES).map(one)).buffer_unordered(16).try_for_each(|_| std::future::ready(Ok(()))).await
}

fn name(number: usize) -> String {
    format!("folder-{number}")
}

/// The seconds from the start to the first run of each primary; and in order, from each change to its run.
async fn round_of(side: Side, client: &Client, namespace: &str, size: Size) -> Result<(f64, Vec<f64>), Box<dyn Error>> {
    let notes = Arc::new(Notes::default());
    let begin = Instant::now();
    let task = side.start(client, namespace, notes.clone());
    while notes.runs() < PRIMARIES as u64 {
        if begin.elapsed() > Duration::from_secs(60) {
            return Err(format!("{side:?}: {} of {PRIMARIES} primaries have run within a minute", notes.runs()).into());
        }
        tokio::time::sleep(Duration::from_micros(500)).await;
    }
    let start = begin.elapsed().as_secs_f64();
    churn(client, namespace, &notes, size.pick(3_000, 600)).await?;
    eventually("every change has been seen", async || lock(&notes.asked).is_empty()).await;
    task.abort();
    let mut delays = std::mem::take(&mut *lock(&notes.delays));
    delays.sort_by(f64::total_cmp);
    Ok((start, delays))
}

/// Changes one child after the other, at a steady rate.
async fn churn(client: &Client, namespace: &str, notes: &Notes, changes: usize) -> Result<(), kube::Error> {
    let maps = Api::<ConfigMap>::namespaced(client.clone(), namespace);
    let begin = Instant::now();
    let one = async |i: usize| {
        let due = begin + Duration::from_micros(i as u64 * 1_000_000 / RATE);
        tokio::time::sleep_until(due.into()).await;
        // No neighbour of the one before.
        let name = name(i * 7 % PRIMARIES);
        let patch = Patch::Merge(json!({ "data": { "text": format!("{:?}", begin.elapsed()) } }));
        lock(&notes.asked).insert(name.clone(), Instant::now());
        maps.patch(&name, &PatchParams::default(), &patch).await
    };
    stream::iter((0..changes).map(one)).buffer_unordered(64).try_for_each(|_| std::future::ready(Ok(()))).await
}
