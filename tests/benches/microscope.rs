//! Workloads for a profiler, `--profile NAME`: one process that does one thing on one thread, at a scripted API server, so that
//! instructions and allocations are the same each time. See `tests/bench/microscope.md` for the commands.

use std::error::Error;
use std::future::pending;
use std::path::Path;
use std::pin::Pin;
use std::process::{Command, ExitCode};
use std::time::{Duration, Instant};

use bytes::Bytes;
use examples::webapp::api::{WebApp, WebAppSpec};
use futures::{StreamExt, TryStreamExt, stream};
use k8s_openapi::api::core::v1::{ConfigMap, Secret};
use kube::api::{ListParams, ObjectMeta, PostParams};
use kube::{Api, Client};
use steersman::Manager;
use steersman_control_plane::ControlPlane;
use tokio::runtime::Runtime;

use crate::engine::{POINT, POINTS, Side, counted};
use crate::event::{BATCH, Case, OWNED, PAGE, event, lists, operator, until};
use crate::harness::Quantity;
use crate::objects::{CHILDREN, Form, Object};
use crate::operators::Site;
use crate::process::{Memory, Process, install};
use crate::script::{Feed, client};
use crate::snapshot::Silent;

/// The argument by which this program becomes a workload.
pub(crate) const AS_PROFILE: &str = "--profile";

const SITES: usize = 10_000;
const SITE: Form = Form::Primary("Site");
const PATHS: [&str; 6] = [
    "/apis/bench.steersman.dev/v1/sites",
    "/apis/apps/v1/deployments",
    "/api/v1/services",
    "/api/v1/configmaps",
    "/api/v1/secrets",
    "/apis/networking.k8s.io/v1/networkpolicies",
];
/// Objects that are written at once, so that the script takes little memory itself.
const PORTION: usize = 100;
const STARTED: usize = 20_000;
const EVENTS: usize = 20_000;

type Work = Pin<Box<dyn Future<Output = Result<(), Box<dyn Error>>>>>;

/// Is the workload of this name.
pub(crate) fn profile(name: &str) -> ExitCode {
    let ended =
        tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(Into::into).and_then(|runtime| {
            match name {
                "held" => measured(&runtime, Box::pin(held())),
                "start" => measured(&runtime, Box::pin(start(Side::Ours, points()))),
                "start-of-peer" => measured(&runtime, Box::pin(start(Side::Kube(32), points()))),
                "status" => noise(&runtime, Case::Status),
                "unrelated" => noise(&runtime, Case::Unrelated),
                "change" => noise(&runtime, Case::Change),
                _ => Err(format!("there is no workload `{name}`").into()),
            }
        });
    match ended {
        // Without giving anything back: what is held at the end is what a heap profile shows as never freed.
        Ok(()) => std::process::exit(0),
        Err(error) => {
            eprintln!("the workload `{name}` ended: {error}");
            ExitCode::FAILURE
        }
    }
}

/// What is worth a look: `callgrind --toggle-collect` counts what happens within.
#[inline(never)]
fn measured(runtime: &Runtime, work: Work) -> Result<(), Box<dyn Error>> {
    runtime.block_on(work)
}

/// 10,000 primaries with 5 secondaries each, which have run once.
async fn held() -> Result<(), Box<dyn Error>> {
    let feeds: [Feed; 6] = Default::default();
    let operator = Site::operator(Silent);
    let stats = operator.stats();
    let manager = Manager::new(client(PATHS.into_iter().zip(feeds.clone()))).with(operator);
    tokio::spawn(manager.run_until(pending()));
    for (form, feed) in std::iter::once(SITE).chain(CHILDREN).zip(&feeds) {
        for begin in (0..SITES).step_by(PORTION) {
            let object = |number| {
                let object = Object::new(form, number, 1);
                if form == SITE { object } else { object.owned_by(SITE, number) }
            };
            let lines: String = (begin..begin + PORTION).map(|number| object(number).line("ADDED")).collect();
            feed.feed(&lines.into()).await;
        }
        feed.push(&Feed::end(form, 1));
    }
    until(|| stats.runs() == SITES as u64, "the first run of each primary").await
}

fn points() -> Bytes {
    (0..STARTED).map(|number| Object::new(POINT, number, number as u64 + 1).line("ADDED")).collect::<String>().into()
}

/// From the start to the first run of each of 20,000 primaries without secondaries.
async fn start(side: Side, points: Bytes) -> Result<(), Box<dyn Error>> {
    let feed = Feed::listing(&points, POINT, STARTED as u64);
    drop(points);
    let (runs, task) = counted(side, client([(POINTS, feed)]));
    until(|| runs() == STARTED as u64, "the first run of each primary").await?;
    task.abort();
    Ok(())
}

/// 20,000 events of this kind. The start is not measured.
fn noise(runtime: &Runtime, case: Case) -> Result<(), Box<dyn Error>> {
    let (deployments, stats) = runtime.block_on(async {
        let (pages, deployments) = lists();
        operator(Feed::listing(&pages, PAGE, 1), Feed::listing(&deployments, Form::Deployment, 2))
    });
    runtime.block_on(until(|| stats.runs() == OWNED as u64, "the first run of each primary"))?;
    let events: String = (0..EVENTS).map(|i| event(case, i % BATCH, i as u64 + 3)).collect();
    let events = Bytes::from(events);
    measured(
        runtime,
        Box::pin(async move {
            deployments.feed(&events).await;
            Ok(())
        }),
    )
}

/// The workload that is the flagship, as its users run it, at a real API server.
pub(crate) const FLAGSHIP: &str = "flagship";

/// Foreign ConfigMaps, and as many Secrets.
const FOREIGN: usize = 5_000;

/// Has the flagship bring so many WebApps about, under a profiler if one is given. Without one, says what that takes, and what a
/// start beside them does, before and after foreign objects have come.
pub(crate) fn flagship(apps: &str, profiler: &[&str]) -> ExitCode {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    let ended = runtime.map_err(Into::into).and_then(|runtime| runtime.block_on(create(apps.parse()?, profiler)));
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("the flagship: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn create(count: usize, profiler: &[&str]) -> Result<(), Box<dyn Error>> {
    let program = Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("release").join("webapp");
    let program = program.to_str().filter(|_| program.exists());
    let program = program.ok_or("first: cargo build --release -p examples --bin webapp")?;
    let cluster = ControlPlane::builder().api_server_only().start().await?;
    let client = cluster.client();
    install(&client).await?;
    let namespace = cluster.namespace("webapps").await?;
    let start = |profiler: &[&str]| {
        let words: Vec<&str> =
            profiler.iter().copied().chain([program, "run", "--log", "warn", "--kubeconfig"]).collect();
        let mut command = Command::new(words[0]);
        command.args(&words[1..]).arg(cluster.kubeconfig());
        Process::start(command, None)
    };
    let mut operator = start(profiler)?;
    tokio::time::sleep(Duration::from_secs(3)).await;
    let before = operator.processor()?;
    let apps = Api::<WebApp>::namespaced(client.clone(), &namespace);
    let spec = WebAppSpec { image: "web:1".into(), replicas: 2, port: 8080, tier: None, files: None };
    let one = |i: usize| {
        let (apps, app) = (apps.clone(), WebApp::new(&format!("web-{i}"), spec.clone()));
        async move { apps.create(&PostParams::default(), &app).await }
    };
    stream::iter((0..count).map(one)).buffer_unordered(10).try_collect::<Vec<_>>().await?;
    let begin = Instant::now();
    // The ConfigMaps are what is applied last.
    let maps = Api::<ConfigMap>::namespaced(client.clone(), &namespace);
    while maps.list_metadata(&ListParams::default()).await?.items.len() < 2 * count {
        if begin.elapsed() > Duration::from_secs(300) {
            return Err("not every WebApp has its ConfigMaps after 300 s".into());
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    if !profiler.is_empty() {
        tokio::time::sleep(Duration::from_secs(2)).await;
        return operator.end();
    }
    let memory = operator.settled()?;
    tell("creation", operator.processor()? - before, memory);
    operator.end()?;
    let mut operator = start(profiler)?;
    let memory = operator.settled()?;
    tell("a start", operator.processor()?, memory);
    let before = operator.processor()?;
    create_foreign(&client, &cluster.namespace("foreign").await?, FOREIGN).await?;
    let memory = operator.settled()?;
    tell("foreign objects come", operator.processor()? - before, memory);
    operator.end()?;
    let mut operator = start(profiler)?;
    let memory = operator.settled()?;
    tell("a start beside them", operator.processor()?, memory);
    operator.end()
}

fn tell(what: &str, seconds: f64, memory: Memory) {
    let [resident, peak] = [memory.resident, memory.peak].map(Quantity::Bytes);
    println!("{what}: {seconds:.2} s of processor time, {resident} resident, {peak} at most");
}

async fn create_foreign(client: &Client, namespace: &str, count: usize) -> Result<(), Box<dyn Error>> {
    let (maps, secrets) =
        (Api::<ConfigMap>::namespaced(client.clone(), namespace), Api::<Secret>::namespaced(client.clone(), namespace));
    let one = |i: usize| {
        let (maps, secrets) = (maps.clone(), secrets.clone());
        async move {
            let metadata = ObjectMeta { name: Some(format!("foreign-{i}")), ..ObjectMeta::default() };
            let data = [("file".to_owned(), "x".repeat(4096))];
            let map = ConfigMap { metadata: metadata.clone(), data: Some(data.clone().into()), ..ConfigMap::default() };
            let secret = Secret { metadata, string_data: Some(data.into()), ..Secret::default() };
            maps.create(&PostParams::default(), &map).await?;
            secrets.create(&PostParams::default(), &secret).await.map(|_| ())
        }
    };
    stream::iter((0..count).map(one)).buffer_unordered(16).try_collect::<Vec<_>>().await?;
    Ok(())
}
