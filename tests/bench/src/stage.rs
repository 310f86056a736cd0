//! One candidate on the cluster: its process, its WebApps, and the measuring of one scenario.

use std::time::{Duration, Instant};

use examples::webapp::api::{WebApp, WebAppSpec};
use futures::{StreamExt, TryStreamExt, stream};
use kube::api::{Api, DeleteParams, ListParams, Patch, PatchParams, PostParams};
use kube::{Client, Resource};
use serde_json::json;
use steersman_control_plane::{AuditMark, Counts, Request};

use crate::BoxError;
use crate::candidate::Program;
use crate::cluster::Cluster;
use crate::expected;
use crate::measurement::{RemarkKind, Results, figure};
use crate::process::{Process, Usage};
use crate::wait::{eventually, until};
use crate::watched::Observer;

/// What an operator of WebApps watches.
const KINDS: [&str; 4] = ["webapps", "deployments", "services", "configmaps"];
/// How many requests of the harness are under way at once.
const AT_ONCE: usize = 10;
/// How often a candidate is looked at.
const POLL: Duration = Duration::from_millis(100);
/// A candidate that has not come to rest after this long does not come to rest.
const RESTLESS: Duration = Duration::from_secs(12);
/// How long anything else may take.
const PATIENCE: Duration = Duration::from_secs(120);

/// What all candidates have to do.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Plan {
    /// How many WebApps.
    pub(crate) count: usize,
    /// A candidate that has done nothing for this long has come to rest.
    pub(crate) quiet: Duration,
    /// How many rounds of flips.
    pub(crate) rounds: usize,
    /// How long the steady state lasts.
    pub(crate) steady: Duration,
}

/// A candidate at work in a namespace of its own.
pub(crate) struct Stage<'a> {
    pub(crate) cluster: &'a Cluster,
    pub(crate) plan: Plan,
    pub(crate) repetition: u32,
    pub(crate) client: Client,
    pub(crate) namespace: String,
    pub(crate) observer: Observer,
    pub(crate) process: Process,
    program: &'a Program,
    is_wide: bool,
    /// Where the audit log stood when the process was started.
    started: AuditMark,
    results: &'a mut Results,
}

/// A scenario that has begun.
pub(crate) struct Begun {
    scenario: &'static str,
    mark: AuditMark,
    runs: u64,
    usage: Usage,
    at: Instant,
}

impl Begun {
    pub(crate) fn scenario(&self) -> &'static str {
        self.scenario
    }

    /// Where the audit log stood.
    pub(crate) fn mark(&self) -> AuditMark {
        self.mark
    }
}

impl<'a> Stage<'a> {
    /// Starts the candidate in an empty cluster and waits until it watches.
    pub(crate) async fn new(
        cluster: &'a Cluster,
        plan: Plan,
        repetition: u32,
        program: &'a Program,
        is_wide: bool,
        results: &'a mut Results,
    ) -> Result<Self, BoxError> {
        let client = cluster.client();
        let namespace = cluster.namespace(program.candidate().id()).await?;
        let observer = Observer::start(&client, &namespace);
        let started = cluster.mark();
        let process = program.start(cluster, is_wide)?;
        let mut stage = Self {
            cluster,
            plan,
            repetition,
            client,
            namespace,
            observer,
            process,
            program,
            is_wide,
            started,
            results,
        };
        stage.watches().await?;
        Ok(stage)
    }

    pub(crate) fn api<K>(&self) -> Api<K>
    where
        K: Resource<DynamicType = (), Scope = k8s_openapi::NamespaceResourceScope>,
    {
        Api::namespaced(self.client.clone(), &self.namespace)
    }

    /// The names of the WebApps.
    pub(crate) fn names(&self) -> Vec<String> {
        (0..self.plan.count).map(|i| format!("web-{i}")).collect()
    }

    /// Starts the process again, with all counters at zero.
    pub(crate) async fn restart(&mut self) -> Result<(), BoxError> {
        self.process.stop().await?;
        self.started = self.cluster.mark();
        self.process = self.program.start(self.cluster, self.is_wide)?;
        Ok(())
    }

    /// Waits until it watches WebApps and, unless it polls, what they own, and has come to rest for a second.
    pub(crate) async fn watches(&mut self) -> Result<(), BoxError> {
        let (cluster, started, agent) = (self.cluster, self.started, self.process.user_agent().to_owned());
        let kinds = if self.program.candidate().polls_every().is_some() { &KINDS[..1] } else { &KINDS };
        let watched = async || {
            let watched = watched(&cluster.requests(started, &agent));
            kinds.iter().all(|kind| watched.iter().any(|watched| watched == kind))
        };
        let begun = eventually("it watches", PATIENCE, watched).await;
        let asked = || self.watched().join(", ");
        begun.map_err(|error| format!("{error}; it watches [{}]: {}", asked(), self.process.last_words()))?;
        self.rest(Duration::from_secs(1)).await.map(|_| ())
    }

    /// Begins a scenario.
    pub(crate) async fn begin(&mut self, scenario: &'static str) -> Result<Begun, BoxError> {
        let (runs, usage) = (self.process.runs().await?, self.process.usage()?);
        Ok(Begun { scenario, mark: self.cluster.mark(), runs, usage, at: Instant::now() })
    }

    /// Begins a scenario in which the process is started anew.
    pub(crate) fn begin_anew(&mut self, scenario: &'static str) -> Begun {
        Begun { scenario, mark: self.cluster.mark(), runs: 0, usage: Usage::default(), at: Instant::now() }
    }

    /// Waits until the candidate has come to rest, and writes down what the scenario has cost.
    pub(crate) async fn finish(&mut self, begun: &Begun) -> Result<(), BoxError> {
        let lasted = begun.at.elapsed();
        let is_at_rest = self.rest(self.plan.quiet).await?;
        self.write(begun, figure::SECONDS, lasted.as_secs_f64());
        self.write(begun, figure::RESTLESS, f64::from(u8::from(!is_at_rest)));
        self.count(begun).await
    }

    /// Writes down what a scenario has cost.
    pub(crate) async fn count(&mut self, begun: &Begun) -> Result<(), BoxError> {
        let (runs, usage) = (self.process.runs().await? - begun.runs, self.process.usage()?);
        let requests = self.cluster.requests(begun.mark, self.process.user_agent());
        let counts: Counts = requests.iter().collect();
        let lists = requests.iter().filter(|request| request.verb == "list").count();
        let figures = [
            (figure::RUNS, runs as f64),
            (figure::WRITES, counts.writes as f64),
            (figure::READS, counts.reads as f64),
            (figure::LISTS, lists as f64),
            (figure::WATCHES, counts.watches as f64),
            (figure::CPU_SECONDS, usage.cpu_seconds - begun.usage.cpu_seconds),
            (figure::RSS_BYTES, usage.rss_bytes),
            (figure::PEAK_RSS_BYTES, usage.peak_rss_bytes),
        ];
        for (figure, value) in figures {
            self.write(begun, figure, value);
        }
        eprintln!(
            "    {:20} {runs:5} runs {:5} writes {:5} reads {:3} watches  {:.2} s of CPU, {:.0} MiB",
            begun.scenario,
            counts.writes,
            counts.reads,
            counts.watches,
            usage.cpu_seconds - begun.usage.cpu_seconds,
            usage.rss_bytes / 1024.0 / 1024.0
        );
        Ok(())
    }

    /// Adds a figure of a scenario.
    pub(crate) fn write(&mut self, begun: &Begun, figure: &str, value: f64) {
        self.results.add(begun.scenario, figure, self.program.candidate().id(), self.repetition, value);
    }

    /// Says that the candidate did not reach what it had to.
    pub(crate) fn failed(&mut self, text: impl Into<String>) {
        self.results.remark(self.program.candidate().id(), RemarkKind::Failed, text);
    }

    /// Waits until there were no runs and no reads and writes for a while, and says whether it came to that.
    /// A poller has no rest: one round of it is waited for.
    pub(crate) async fn rest(&mut self, quiet: Duration) -> Result<bool, BoxError> {
        if let Some(period) = self.program.candidate().polls_every() {
            tokio::time::sleep(period).await;
            return Ok(true);
        }
        let (mark, begin) = (self.cluster.mark(), Instant::now());
        let mut last = (None, Instant::now());
        while last.1.elapsed() < quiet {
            tokio::time::sleep(POLL).await;
            let counts = self.cluster.counts(mark, self.process.user_agent());
            let now = Some((self.process.runs().await?, counts.reads, counts.writes));
            if now != last.0 {
                last = (now, Instant::now());
            }
            if begin.elapsed() > RESTLESS {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// The resources that the process watches, as far as the API server has begun to answer.
    pub(crate) fn watched_since(&self, mark: AuditMark) -> Vec<String> {
        watched(&self.cluster.requests(mark, self.process.user_agent()))
    }

    /// The same since its start.
    pub(crate) fn watched(&self) -> Vec<String> {
        self.watched_since(self.started)
    }

    /// Creates a WebApp of each name and says when.
    pub(crate) async fn create(&self, names: &[String], replicas: i32) -> Result<Vec<(String, Instant)>, BoxError> {
        let spec = WebAppSpec { image: "web:1".into(), replicas, port: 8080, tier: None, files: None };
        let apps = self.api::<WebApp>();
        let created = stream::iter(names.to_vec()).map(|name| {
            let (apps, app) = (apps.clone(), WebApp::new(&name, spec.clone()));
            async move {
                let begin = Instant::now();
                apps.create(&PostParams::default(), &app).await.map(|_| (name, begin))
            }
        });
        Ok(created.buffer_unordered(AT_ONCE).try_collect().await?)
    }

    /// Does something to each name, some at once.
    pub(crate) async fn each<F>(&self, names: Vec<String>, act: impl Fn(String) -> F) -> Result<(), BoxError>
    where
        F: Future<Output = Result<(), kube::Error>>,
    {
        Ok(stream::iter(names).map(act).buffer_unordered(AT_ONCE).try_collect::<()>().await?)
    }

    /// Writes faults of the end state down.
    pub(crate) async fn check(&mut self, when: &str) -> Result<(), BoxError> {
        let faults = expected::faults(&self.client, &self.namespace, self.is_wide).await?;
        if let Some(first) = faults.first() {
            let text = format!("{when}, repetition {}: {} faults, such as: {first}", self.repetition, faults.len());
            self.failed(text);
        }
        Ok(())
    }

    /// Deletes all WebApps and waits until they and all that was theirs are gone.
    pub(crate) async fn delete_all(&mut self) -> Result<(), BoxError> {
        let none = ListParams::default();
        self.api::<WebApp>().delete_collection(&DeleteParams::default(), &none).await?;
        let gone = until(PATIENCE / 4, async || self.observer.apps.now().is_empty()).await;
        if !gone {
            self.failed(format!("{} WebApps keep their finalizer", self.observer.apps.now().len()));
            self.free().await?;
        }
        self.collected().await
    }

    /// Takes all finalizers from the WebApps, where the candidate does not.
    async fn free(&self) -> Result<(), BoxError> {
        let patch = json!({ "metadata": { "finalizers": null } });
        let apps = self.api::<WebApp>();
        for name in self.observer.apps.now().into_keys() {
            // It may have gone meanwhile.
            let _ = apps.patch(&name, &PatchParams::default(), &Patch::Merge(&patch)).await;
        }
        Ok(())
    }

    async fn collected(&self) -> Result<(), BoxError> {
        let Observer { apps, deployments, services, config_maps, pods } = &self.observer;
        eventually("all that the WebApps owned is collected", PATIENCE, async || {
            apps.now().is_empty()
                && deployments.now().is_empty()
                && services.now().is_empty()
                && config_maps.now().is_empty()
                && pods.now().is_empty()
        })
        .await
    }

    /// Ends the candidate after something went wrong, and leaves nothing of it behind.
    pub(crate) async fn abandon(mut self) -> Result<(), BoxError> {
        // Whatever is wrong with it was said.
        let _ = self.process.stop().await;
        self.api::<WebApp>().delete_collection(&DeleteParams::default(), &ListParams::default()).await?;
        self.free().await?;
        self.collected().await
    }
}

fn watched(requests: &[Request]) -> Vec<String> {
    // 101 is the answer to those who watch by a web socket.
    let begun = requests.iter().filter(|request| request.verb == "watch" && matches!(request.code, 200 | 101));
    let mut resources: Vec<String> = begun.map(|request| request.resource.clone()).collect();
    resources.sort();
    resources.dedup();
    resources
}
