//! The stage: a cluster, a namespace with the example's definitions, its operator, and steps whose cost is written down.

use std::time::{Duration, Instant};

use k8s_openapi::api::core::v1::Namespace;
use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition;
use kube::api::{Api, DeleteParams, ObjectMeta, Patch, PatchParams, PostParams};
use kube::{Client, ResourceExt};
use steersman::BoxError;
use steersman_control_plane::{AuditMark, Counts};

use crate::cluster::Cluster;
use crate::example::Example;
use crate::operator::{Counters, Operator};
use crate::report::{Report, Step};

/// What takes longer than this does not happen.
const DEADLINE: Duration = Duration::from_secs(90);
/// A step is over when the operator has done nothing for this long.
const QUIET: Duration = Duration::from_millis(1000);

/// What a story is told on.
pub(crate) struct Stage {
    pub(crate) cluster: Cluster,
    pub(crate) operator: Operator,
    pub(crate) namespace: String,
    pub(crate) report: Report,
    example: Example,
    _folder: tempfile::TempDir,
}

pub(crate) type Told<T> = Result<T, BoxError>;

impl Stage {
    /// Prepares it: a namespace, the definitions, and the operator's rights.
    pub(crate) async fn prepare(cluster: Cluster, example: Example) -> Told<Self> {
        let client = cluster.client();
        let namespace = Namespace {
            metadata: ObjectMeta { generate_name: Some("steersman-demo-".into()), ..Default::default() },
            ..Default::default()
        };
        let namespace = Api::all(client.clone()).create(&PostParams::default(), &namespace).await?.name_any();
        for crd in example.definitions() {
            define(&client, &crd).await?;
        }
        let folder = tempfile::tempdir()?;
        let watched = (!cluster.is_own()).then(|| namespace.clone());
        let kubeconfig = cluster.operator(folder.path(), example).await?;
        let operator = Operator::new(example, &kubeconfig, watched, folder.path());
        let stage = Self { cluster, operator, namespace, report: Report::default(), example, _folder: folder };
        let known = || async { Ok(stage.cluster.knows_operator(stage.example).await.then_some(())) };
        eventually("the operator's rights to be known", known).await?;
        Ok(stage)
    }

    /// Says what is done next.
    pub(crate) fn step(&self, name: &'static str, what: &str) -> Begun {
        println!("\n[{name}] {what}");
        let mark = self.cluster.mark();
        let restarted = matches!(name, "start" | "operator restart" | "missed");
        let counters = if restarted { Counters::default() } else { self.operator.counters() };
        Begun { name, mark, counters, begun: Instant::now() }
    }

    /// Waits until the operator has come to rest, then writes down what the step has cost.
    pub(crate) async fn done(&mut self, step: Begun, outcome: &str) -> Told<()> {
        let Begun { name, mark, counters, begun } = step;
        let took = begun.elapsed();
        let mut last = None;
        let mut since = Instant::now();
        while since.elapsed() < QUIET {
            tokio::time::sleep(QUIET / 10).await;
            let requests = self.requests_since(mark).map(|counts| counts.by_verb);
            let now = Some((self.operator.counters(), requests));
            if now != last {
                (last, since) = (now, Instant::now());
            }
            if begun.elapsed() > took + DEADLINE {
                return Err(format!("[{name}] the operator does not come to rest").into());
            }
        }
        let cost = self.operator.counters().since(&counters);
        let requests = self.requests_since(mark);
        let step = Step {
            name,
            wake_ups: cost.reconciles,
            triggers: cost.wake_ups,
            reads: requests.as_ref().map(|counts| counts.reads),
            writes: requests.as_ref().map(|counts| counts.writes),
            requests: requests.map(|counts| counts.by_verb),
            milliseconds: u64::try_from(took.as_millis())?,
        };
        step.print(outcome);
        self.report.steps.push(step);
        Ok(())
    }

    /// Until the operator has written its counters for the first time, and its watches stand.
    pub(crate) async fn counting(&self) -> Told<()> {
        let (cluster, operator) = (&self.cluster, &self.operator);
        eventually("the operator to watch", || async {
            let log = operator.last_words();
            Ok((cluster.client().apiserver_version().await.is_ok() && log.contains("all caches are complete"))
                .then_some(()))
        })
        .await
    }

    /// The operator is started, and its watches stand.
    pub(crate) async fn start(&mut self) -> Told<()> {
        let step = self.step("start", "the operator is started");
        self.operator.start()?;
        self.counting().await?;
        self.done(step, "it watches").await
    }

    /// The API of a kind in the story's namespace.
    pub(crate) fn api<K>(&self) -> Api<K>
    where
        K: kube::Resource<DynamicType = (), Scope = k8s_openapi::NamespaceResourceScope>,
    {
        Api::namespaced(self.client(), &self.namespace)
    }

    pub(crate) fn client(&self) -> Client {
        self.cluster.client()
    }

    /// Leaves everything running until Ctrl-C. `kinds` are worth a look.
    pub(crate) async fn keep(self, kinds: &str) -> Told<()> {
        println!("\nEverything goes on running. In another terminal:");
        println!("    export KUBECONFIG={}", self.cluster.kubeconfig().display());
        println!("    kubectl -n {} get {kinds}", self.namespace);
        println!("    tail -f {}", self.operator.log().display());
        println!("Ctrl-C ends it.");
        tokio::signal::ctrl_c().await?;
        self.strike().await;
        Ok(())
    }

    /// Ends everything.
    pub(crate) async fn strike(mut self) {
        if let Err(error) = self.operator.stop().await {
            eprintln!("demo: {error}");
        }
        if !self.cluster.is_own() {
            let namespaces = Api::<Namespace>::all(self.cluster.client());
            match namespaces.delete(&self.namespace, &DeleteParams::default()).await {
                Ok(_) => println!("Namespace {} is deleted; the definitions stay.", self.namespace),
                Err(error) => eprintln!("demo: namespace {} could not be deleted: {error}", self.namespace),
            }
        }
    }

    fn requests_since(&self, mark: Option<AuditMark>) -> Option<Counts> {
        self.cluster.requests_since(mark, self.example.name())
    }
}

/// Installs a definition and waits until it is served.
pub(crate) async fn define(client: &Client, crd: &CustomResourceDefinition) -> Told<()> {
    let crds = Api::<CustomResourceDefinition>::all(client.clone());
    let name = crd.name_any();
    crds.patch(&name, &PatchParams::apply("demo").force(), &Patch::Apply(crd)).await?;
    let served = |crd: Option<CustomResourceDefinition>| {
        let conditions = crd.and_then(|crd| crd.status).and_then(|status| status.conditions).unwrap_or_default();
        conditions.iter().any(|c| c.type_ == "Established" && c.status == "True").then_some(())
    };
    eventually("the CRD to be served", || async { Ok(served(crds.get_opt(&name).await?)) }).await
}

/// A step that has begun.
pub(crate) struct Begun {
    name: &'static str,
    mark: Option<AuditMark>,
    counters: Counters,
    begun: Instant,
}

/// Looks until something is found.
pub(crate) async fn eventually<T, F>(what: &str, look: impl Fn() -> F) -> Told<T>
where
    F: Future<Output = Told<Option<T>>>,
{
    let deadline = Instant::now() + DEADLINE;
    loop {
        let found = look().await;
        match found {
            Ok(Some(found)) => return Ok(found),
            Err(error) if Instant::now() > deadline => return Err(format!("waited in vain for {what}: {error}").into()),
            Ok(None) if Instant::now() > deadline => return Err(format!("waited in vain for {what}").into()),
            _ => tokio::time::sleep(Duration::from_millis(20)).await,
        }
    }
}
