//! The story: what is done to the cluster, and what the operator does about it.

use std::time::{Duration, Instant};

use examples::webapp::api::{WebApp, WebAppSpec};
use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::{ConfigMap, Namespace, Service};
use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition;
use kube::api::{Api, DeleteParams, ListParams, ObjectMeta, Patch, PatchParams, PostParams};
use kube::{Client, CustomResourceExt, ResourceExt};
use serde_json::json;
use steersman::BoxError;

use crate::cluster::Cluster;
use crate::operator::{Counters, Operator};
use crate::report::{Report, Step};

const APP: &str = "shop";
/// What takes longer than this does not happen.
const DEADLINE: Duration = Duration::from_secs(90);
/// A step is over when the operator has done nothing for this long.
const QUIET: Duration = Duration::from_millis(1000);

/// The teller.
pub(crate) struct Story {
    cluster: Cluster,
    operator: Operator,
    namespace: String,
    report: Report,
    _folder: tempfile::TempDir,
}

type Told<T> = Result<T, BoxError>;

impl Story {
    /// Prepares the stage: a namespace and the CRD.
    pub(crate) async fn begin(cluster: Cluster) -> Told<Self> {
        let client = cluster.client();
        let namespace = Namespace {
            metadata: ObjectMeta { generate_name: Some("steersman-demo-".into()), ..Default::default() },
            ..Default::default()
        };
        let namespace = Api::all(client.clone()).create(&PostParams::default(), &namespace).await?.name_any();
        let crds = Api::<CustomResourceDefinition>::all(client);
        crds.patch(WebApp::crd_name(), &PatchParams::apply("demo").force(), &Patch::Apply(WebApp::crd())).await?;
        let served = |crd: Option<CustomResourceDefinition>| {
            let conditions = crd.and_then(|crd| crd.status).and_then(|status| status.conditions).unwrap_or_default();
            conditions.iter().any(|c| c.type_ == "Established" && c.status == "True").then_some(())
        };
        eventually("the CRD to be served", || async { Ok(served(crds.get_opt(WebApp::crd_name()).await?)) }).await?;
        let folder = tempfile::tempdir()?;
        let watched = (!cluster.is_own()).then(|| namespace.clone());
        let operator = Operator::new(&cluster.operator(folder.path()).await?, watched, folder.path());
        eventually("the operator's rights to be known", || async { Ok(cluster.knows_operator().await.then_some(())) })
            .await?;
        Ok(Self { cluster, operator, namespace, report: Report::default(), _folder: folder })
    }

    pub(crate) fn report(&self) -> &Report {
        &self.report
    }

    /// Tells everything; fails with the step that did not happen.
    pub(crate) async fn tell(&mut self) -> Told<()> {
        let told = self.steps().await;
        if told.is_err() {
            eprintln!("The operator's last words:\n{}", self.operator.last_words());
        }
        told
    }

    async fn steps(&mut self) -> Told<()> {
        println!("WebApp operator: one annotated struct, one trait implementation. Namespace {}.", self.namespace);
        self.start().await?;
        self.create().await?;
        self.scale().await?;
        self.repair().await?;
        self.annotation().await?;
        if self.cluster.is_own() {
            self.api_server_restart().await?;
        }
        self.operator_restart().await?;
        self.missed().await?;
        self.delete().await
    }

    async fn start(&mut self) -> Told<()> {
        let step = self.step("start", "the operator is started");
        self.operator.start()?;
        self.counting().await?;
        self.done(step, "it watches").await
    }

    async fn create(&mut self) -> Told<()> {
        let step = self.step("create", "a WebApp with 3 replicas is created");
        self.create_app().await?;
        let ready = self.until_ready(3).await?;
        self.done(step, &format!("{ready} replicas are ready")).await
    }

    async fn scale(&mut self) -> Told<()> {
        let step = self.step("scale", "it is scaled to 5");
        let patch = json!({ "spec": { "replicas": 5 } });
        self.apps().patch(APP, &PatchParams::default(), &Patch::Merge(&patch)).await?;
        let ready = self.until_ready(5).await?;
        self.done(step, &format!("{ready} replicas are ready")).await
    }

    async fn repair(&mut self) -> Told<()> {
        let old = self.services().get(APP).await?.uid();
        let step = self.step("repair", "somebody deletes its Service");
        self.services().delete(APP, &DeleteParams::default()).await?;
        self.until_new_service(old).await?;
        self.done(step, "the Service is back").await
    }

    async fn annotation(&mut self) -> Told<()> {
        let step = self.step("annotation", "somebody annotates its Deployment, which concerns nobody");
        let patch = json!({ "metadata": { "annotations": { "example.com/note": "hello" } } });
        let deployments = self.api::<Deployment>();
        deployments.patch(APP, &PatchParams::default(), &Patch::Merge(&patch)).await?;
        let settled = |d: Deployment| (d.status?.observed_generation == d.metadata.generation).then_some(());
        eventually("the Deployment to settle", || async { Ok(settled(deployments.get(APP).await?)) }).await?;
        self.done(step, "the Deployment has settled").await?;
        match self.report.steps.last() {
            Some(step) if step.wake_ups > 0 => Err("the annotation has woken the operator".into()),
            _ => Ok(()),
        }
    }

    async fn api_server_restart(&mut self) -> Told<()> {
        let old = self.services().get(APP).await?.uid();
        let step =
            self.step("api server restart", "the API server is killed and started again, then the Service is deleted");
        self.cluster.restart_api_server().await?;
        // Its roles take a moment to come back.
        let services = self.services();
        eventually("the API server to obey", || async {
            Ok(services.delete(APP, &DeleteParams::default()).await.is_ok().then_some(()))
        })
        .await?;
        self.until_new_service(old).await?;
        self.done(step, "the watches are back, and so is the Service").await
    }

    async fn operator_restart(&mut self) -> Told<()> {
        self.operator.stop().await?;
        let step = self.step("operator restart", "the operator is stopped and started again");
        self.operator.start()?;
        let operator = &self.operator;
        eventually("a run at the start", || async { Ok((operator.counters().reconciles > 0).then_some(())) }).await?;
        self.done(step, "it has looked at the WebApp once").await
    }

    async fn missed(&mut self) -> Told<()> {
        self.operator.stop().await?;
        let step = self.step("missed", "while the operator is down, somebody deletes the Service; then it is started");
        let old = self.services().get(APP).await?.uid();
        self.services().delete(APP, &DeleteParams::default()).await?;
        self.operator.start()?;
        self.until_new_service(old).await?;
        self.done(step, "the Service is back").await
    }

    async fn delete(&mut self) -> Told<()> {
        let step = self.step("delete", "the WebApp is deleted");
        self.apps().delete(APP, &DeleteParams::default()).await?;
        let apps = self.apps();
        let gone = || async { Ok(apps.get_opt(APP).await?.is_none().then_some(())) };
        eventually("the WebApp to be gone", gone).await?;
        self.done(step, "cleaned up, and the WebApp is gone").await?;
        println!("    (Kubernetes' garbage collector takes its objects; it looks for new kinds each 30 s)");
        let (services, maps, deployments) = (self.services(), self.api::<ConfigMap>(), self.api::<Deployment>());
        eventually("its objects to be gone", || async {
            let map = maps.list(&ListParams::default()).await?.items.into_iter().any(|m| m.name_any().starts_with(APP));
            let others = services.get_opt(APP).await?.is_some() || deployments.get_opt(APP).await?.is_some();
            Ok((!map && !others).then_some(()))
        })
        .await
    }

    /// Leaves everything running until Ctrl-C.
    pub(crate) async fn keep(self) -> Told<()> {
        self.create_app().await?;
        self.until_ready(3).await?;
        println!("\nEverything goes on running, with a new WebApp `{APP}`. In another terminal:");
        println!("    export KUBECONFIG={}", self.cluster.kubeconfig().display());
        println!("    kubectl -n {} get webapps,deployments,services,configmaps,pods", self.namespace);
        println!("    tail -f {}", self.operator.log().display());
        println!("Ctrl-C ends it.");
        tokio::signal::ctrl_c().await?;
        self.end().await;
        Ok(())
    }

    /// Strikes the stage.
    pub(crate) async fn end(mut self) {
        if let Err(error) = self.operator.stop().await {
            eprintln!("demo: {error}");
        }
        if !self.cluster.is_own() {
            let namespaces = Api::<Namespace>::all(self.cluster.client());
            match namespaces.delete(&self.namespace, &DeleteParams::default()).await {
                Ok(_) => println!("Namespace {} is deleted; the CRD {} stays.", self.namespace, WebApp::crd_name()),
                Err(error) => eprintln!("demo: namespace {} could not be deleted: {error}", self.namespace),
            }
        }
    }

    fn step(&self, name: &'static str, what: &str) -> Begun {
        println!("\n[{name}] {what}");
        let mark = self.cluster.mark();
        let restarted = matches!(name, "start" | "operator restart" | "missed");
        let counters = if restarted { Counters::default() } else { self.operator.counters() };
        Begun { name, mark, counters, begun: Instant::now() }
    }

    /// Waits until the operator has come to rest, then writes down what the step has cost.
    async fn done(&mut self, step: Begun, outcome: &str) -> Told<()> {
        let Begun { name, mark, counters, begun } = step;
        let took = begun.elapsed();
        let mut last = None;
        let mut since = Instant::now();
        while since.elapsed() < QUIET {
            tokio::time::sleep(QUIET / 10).await;
            let requests = self.cluster.requests_since(mark).map(|counts| counts.by_verb);
            let now = Some((self.operator.counters(), requests));
            if now != last {
                (last, since) = (now, Instant::now());
            }
            if begun.elapsed() > took + DEADLINE {
                return Err(format!("[{name}] the operator does not come to rest").into());
            }
        }
        let cost = self.operator.counters().since(&counters);
        let requests = self.cluster.requests_since(mark);
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
    async fn counting(&self) -> Told<()> {
        let (cluster, operator) = (&self.cluster, &self.operator);
        eventually("the operator to watch", || async {
            let log = operator.last_words();
            Ok((cluster.client().apiserver_version().await.is_ok() && log.contains("all caches are complete"))
                .then_some(()))
        })
        .await
    }

    async fn create_app(&self) -> Told<()> {
        let spec = WebAppSpec { image: "nginx:1".into(), replicas: 3, port: 80, tier: None, files: None };
        self.apps().create(&PostParams::default(), &WebApp::new(APP, spec)).await?;
        Ok(())
    }

    async fn until_ready(&self, replicas: i32) -> Told<i32> {
        let apps = self.apps();
        eventually("the WebApp to be ready", || async {
            let status = apps.get(APP).await?.status;
            Ok(status.filter(|s| s.ready && s.ready_replicas == replicas).map(|s| s.ready_replicas))
        })
        .await
    }

    async fn until_new_service(&self, old: Option<String>) -> Told<()> {
        let services = self.services();
        eventually("a new Service", || async {
            let found = services.get_opt(APP).await.ok().flatten();
            Ok(found.filter(|service| service.uid() != old).map(|_| ()))
        })
        .await
    }

    fn apps(&self) -> Api<WebApp> {
        self.api()
    }

    fn services(&self) -> Api<Service> {
        self.api()
    }

    fn api<K>(&self) -> Api<K>
    where
        K: kube::Resource<DynamicType = (), Scope = k8s_openapi::NamespaceResourceScope>,
    {
        Api::namespaced(self.client(), &self.namespace)
    }

    fn client(&self) -> Client {
        self.cluster.client()
    }
}

/// A step that has begun.
struct Begun {
    name: &'static str,
    mark: Option<steersman_control_plane::AuditMark>,
    counters: Counters,
    begun: Instant,
}

/// Looks until something is found.
async fn eventually<T, F>(what: &str, look: impl Fn() -> F) -> Told<T>
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
