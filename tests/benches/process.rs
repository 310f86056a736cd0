//! The memory of a real operator process, the flagship `webapp` as the demo starts it, with and without 10,000 ConfigMaps that are nobody's,
//! beside kube's reflectors for the same four kinds.

use std::error::Error;
use std::fmt::Debug;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

use examples::webapp::api::WebApp;
use futures::{StreamExt, TryStreamExt, stream};
use k8s_openapi::NamespaceResourceScope;
use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::{ConfigMap, Service};
use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition;
use kube::api::PostParams;
use kube::config::{KubeConfigOptions, Kubeconfig};
use kube::runtime::watcher::{Config, watcher};
use kube::runtime::{WatchStreamExt, reflector};
use kube::{Api, Client, CustomResourceExt, Resource};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use steersman_control_plane::ControlPlane;

use crate::harness::{Goal, Quantity, Report, Size, median};

/// The argument by which this program becomes the peer.
pub(crate) const AS_PEER: &str = "--as-peer";

const FOREIGN: usize = 10_000;
const FOREIGN_BYTES: usize = 4096;
const WEB_APPS: usize = 10;
/// A process that did nothing for this long has settled.
const QUIET: Duration = Duration::from_secs(2);
const MIB: f64 = 1024.0 * 1024.0;

pub(crate) fn run(size: Size, report: &mut Report) -> Result<(), Box<dyn Error>> {
    let program = build()?;
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    runtime.block_on(measure(size, &program, report))
}

async fn measure(size: Size, program: &Path, report: &mut Report) -> Result<(), Box<dyn Error>> {
    let cluster = ControlPlane::builder().api_server_only().start().await?;
    let client = cluster.client();
    install(&client).await?;
    let namespace = cluster.namespace("webapps").await?;
    for number in 0..WEB_APPS {
        let app = json!({ "apiVersion": "demo.steersman.dev/v1", "kind": "WebApp",
            "metadata": { "name": format!("app-{number}") }, "spec": { "image": "web:1", "replicas": 2, "port": 8080 } });
        let app: WebApp = serde_json::from_value(app)?;
        Api::namespaced(client.clone(), &namespace).create(&PostParams::default(), &app).await?;
    }
    let place = Place { program, kubeconfig: cluster.kubeconfig(), counters: cluster.folder().join("counters.json") };
    // One start that is not measured: the operator creates what its WebApps need.
    place.operator()?.settled()?;

    let starts = size.pick(5, 2);
    let quiet = place.both(starts)?;
    let (mut operator, mut peer) = (place.operator()?, place.peer()?);
    let before = [operator.settled()?, peer.settled()?];
    create_foreign(&client, &cluster.namespace("foreign").await?).await?;
    let after = [operator.settled()?, peer.settled()?];
    drop((operator, peer));
    let noisy = place.both(starts)?;

    rows("started beside 10 k foreign ConfigMaps", quiet, noisy, report);
    rows("10 k foreign ConfigMaps come later", before, after, report);
    Ok(())
}

/// Before and after; ours and the peer's.
fn rows(when: &str, before: [Memory; 2], after: [Memory; 2], report: &mut Report) {
    type Part = (&'static str, fn(Memory) -> f64);
    let parts: [Part; 2] = [("settled", |memory| memory.resident), ("peak", |memory| memory.peak)];
    for (name, part) in parts {
        let [ours, peer] = [0, 1].map(|side| part(after[side]) - part(before[side]));
        let limit = (0.05 * part(before[0])).max(2.0 * MIB);
        let goal = Goal::Decided { met: ours <= limit, text: "≤ 5 % or 2 MiB more" };
        let peer = Some(("reflectors", Quantity::Bytes(peer)));
        report.row(format!("resident memory, growth when {when}, {name}"), Quantity::Bytes(ours), peer, goal);
        let [ours, peer] = after.map(|memory| Quantity::Bytes(part(memory)));
        report.row("… and altogether", ours, Some(("reflectors", peer)), Goal::None);
    }
}

/// Builds the operator as its users do: without what the benchmarks need.
fn build() -> Result<PathBuf, Box<dyn Error>> {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().ok_or("the target folder has a parent")?;
    eprintln!("  building the operator, which takes some minutes the first time");
    let status = crate::compile::cargo()
        .args(["build", "--release", "--quiet", "-p", "examples", "--bin", "demo", "--target-dir"])
        .arg(target)
        .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(".."))
        .status()?;
    if status.success() {
        Ok(target.join("release/demo"))
    } else {
        Err(format!("the build ended with {status}").into())
    }
}

pub(crate) async fn install(client: &Client) -> Result<(), Box<dyn Error>> {
    Api::<CustomResourceDefinition>::all(client.clone()).create(&PostParams::default(), &WebApp::crd()).await?;
    let begin = Instant::now();
    while let Err(error) = Api::<WebApp>::all(client.clone()).list(&Default::default()).await {
        if begin.elapsed() > Duration::from_secs(30) {
            return Err(error.into());
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    Ok(())
}

async fn create_foreign(client: &Client, namespace: &str) -> Result<(), Box<dyn Error>> {
    let api = Api::<ConfigMap>::namespaced(client.clone(), namespace);
    let create = |number: usize| {
        let api = api.clone();
        let object = json!({ "metadata": { "name": format!("foreign-{number}") }, "data": { "file": "x".repeat(FOREIGN_BYTES) } });
        async move {
            let object: ConfigMap = serde_json::from_value(object)?;
            api.create(&PostParams::default(), &object).await?;
            Ok::<_, Box<dyn Error>>(())
        }
    };
    stream::iter(0..FOREIGN).map(create).buffer_unordered(32).try_collect().await
}

/// What a process takes, in bytes: now, and at most until now.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Memory {
    pub(crate) resident: f64,
    pub(crate) peak: f64,
}

/// Where the measured processes run.
struct Place<'a> {
    program: &'a Path,
    kubeconfig: &'a Path,
    counters: PathBuf,
}

impl Place<'_> {
    /// The medians over several starts of each, in turns.
    fn both(&self, starts: usize) -> Result<[Memory; 2], Box<dyn Error>> {
        let mut samples = [const { Vec::new() }; 2];
        for _ in 0..starts {
            samples[0].push(self.operator()?.settled()?);
            samples[1].push(self.peer()?.settled()?);
        }
        Ok(samples.map(|samples| Memory {
            resident: median(samples.iter().map(|memory| memory.resident).collect()),
            peak: median(samples.iter().map(|memory| memory.peak).collect()),
        }))
    }

    fn operator(&self) -> Result<Process, Box<dyn Error>> {
        if self.counters.exists() {
            std::fs::remove_file(&self.counters)?;
        }
        let mut command = Command::new(self.program);
        command.args(["operator", "--counters"]).arg(&self.counters).args(["run", "--kubeconfig"]).arg(self.kubeconfig);
        Process::start(command, Some(self.counters.clone()))
    }

    fn peer(&self) -> Result<Process, Box<dyn Error>> {
        let mut command = Command::new(std::env::current_exe()?);
        command.arg(AS_PEER).arg(self.kubeconfig);
        Process::start(command, None)
    }
}

/// A process that ends with this value.
pub(crate) struct Process {
    child: Child,
    /// The counters of an operator, which tell that it has begun to work.
    counters: Option<PathBuf>,
}

impl Process {
    pub(crate) fn start(mut command: Command, counters: Option<PathBuf>) -> Result<Self, Box<dyn Error>> {
        let child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn()?;
        Ok(Self { child, counters })
    }

    /// Waits until it has nothing to do any more.
    pub(crate) fn settled(&mut self) -> Result<Memory, Box<dyn Error>> {
        let begin = Instant::now();
        let mut last = (self.ticks()?, Instant::now());
        loop {
            std::thread::sleep(Duration::from_millis(100));
            let ticks = self.ticks()?;
            // Timers may cost one of the ticks, of 10 ms each.
            if ticks > last.0 + 1 {
                last = (ticks, Instant::now());
            }
            if last.1.elapsed() > QUIET && self.works() {
                return self.memory();
            }
            if begin.elapsed() > Duration::from_secs(120) {
                return Err("a process has not settled within 120 s".into());
            }
        }
    }

    /// The seconds of processor time so far.
    pub(crate) fn processor(&mut self) -> Result<f64, Box<dyn Error>> {
        Ok(self.ticks()? as f64 / 100.0)
    }

    /// Asks it to end, and waits until it has.
    pub(crate) fn end(mut self) -> Result<(), Box<dyn Error>> {
        let process = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(process, rustix::process::Signal::TERM)?;
        self.child.wait()?;
        Ok(())
    }

    /// Whether an operator has reconciled everything; a peer has nothing to reconcile.
    fn works(&self) -> bool {
        let Some(file) = &self.counters else { return true };
        let counters: Option<Value> = std::fs::read(file).ok().and_then(|text| serde_json::from_slice(&text).ok());
        counters.is_some_and(|counters| counters["reconciles"].as_u64() >= Some(WEB_APPS as u64))
    }

    /// The processor time so far.
    fn ticks(&mut self) -> Result<u64, Box<dyn Error>> {
        if let Some(status) = self.child.try_wait()? {
            return Err(format!("a measured process ended with {status}").into());
        }
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.child.id()))?;
        let fields: Vec<&str> = stat.rsplit(") ").next().unwrap_or_default().split(' ').collect();
        Ok(fields[11].parse::<u64>()? + fields[12].parse::<u64>()?)
    }

    fn memory(&self) -> Result<Memory, Box<dyn Error>> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let field = |name: &str| -> Result<f64, Box<dyn Error>> {
            let line = status.lines().find_map(|line| line.strip_prefix(name)).ok_or("a field of /proc is missing")?;
            Ok(line.trim_start_matches(':').trim().trim_end_matches(" kB").parse::<f64>()? * 1024.0)
        };
        Ok(Memory { resident: field("VmRSS")?, peak: field("VmHWM")? })
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Runs kube's reflectors for the four kinds of the operator, until it is killed.
pub(crate) fn peer(kubeconfig: &str) -> ExitCode {
    let watch = async {
        let client = connect(kubeconfig).await?;
        tokio::join!(
            reflect::<WebApp>(&client),
            reflect::<Deployment>(&client),
            reflect::<Service>(&client),
            reflect::<ConfigMap>(&client)
        );
        Ok::<_, Box<dyn Error>>(())
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let ended = runtime.map_err(Into::into).and_then(|runtime| runtime.block_on(watch));
    eprintln!("the peer ended: {ended:?}");
    ExitCode::FAILURE
}

pub(crate) async fn connect(kubeconfig: &str) -> Result<Client, Box<dyn Error>> {
    let options = KubeConfigOptions::default();
    let config = kube::Config::from_custom_kubeconfig(Kubeconfig::read_from(kubeconfig)?, &options).await?;
    Ok(Client::try_from(config)?)
}

pub(crate) async fn reflect<K>(client: &Client)
where
    K: Resource<DynamicType = (), Scope = NamespaceResourceScope>
        + Clone
        + Debug
        + DeserializeOwned
        + Send
        + Sync
        + 'static,
{
    let (reader, writer) = reflector::store::<K>();
    let watched = watcher(Api::all(client.clone()), Config::default()).default_backoff().reflect(writer);
    watched.for_each(|_| std::future::ready(())).await;
    drop(reader);
}
