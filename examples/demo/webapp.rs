//! The story of the WebApp: what is done to the cluster, and what the operator does about it.

use examples::webapp::api::{WebApp, WebAppSpec};
use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::{ConfigMap, Service};
use kube::ResourceExt;
use kube::api::{Api, DeleteParams, ListParams, Patch, PatchParams, PostParams};
use serde_json::json;

use crate::stage::{Stage, Told, eventually};

const APP: &str = "shop";

/// The teller.
pub(crate) struct Story<'s>(pub(crate) &'s mut Stage);

impl Story<'_> {
    /// Tells everything; fails with the step that did not happen.
    pub(crate) async fn tell(&mut self) -> Told<()> {
        println!("WebApp operator: one annotated struct, one trait implementation. Namespace {}.", self.0.namespace);
        self.0.start().await?;
        self.create().await?;
        self.scale().await?;
        self.repair().await?;
        self.annotation().await?;
        if self.0.cluster.is_own() {
            self.api_server_restart().await?;
        }
        self.operator_restart().await?;
        self.missed().await?;
        self.delete().await
    }

    /// What goes on after the end.
    pub(crate) async fn encore(&mut self) -> Told<()> {
        self.create_app().await?;
        self.until_ready(3).await?;
        Ok(())
    }

    async fn create(&mut self) -> Told<()> {
        let step = self.0.step("create", "a WebApp with 3 replicas is created");
        self.create_app().await?;
        let ready = self.until_ready(3).await?;
        self.0.done(step, &format!("{ready} replicas are ready")).await
    }

    async fn scale(&mut self) -> Told<()> {
        let step = self.0.step("scale", "it is scaled to 5");
        let patch = json!({ "spec": { "replicas": 5 } });
        self.apps().patch(APP, &PatchParams::default(), &Patch::Merge(&patch)).await?;
        let ready = self.until_ready(5).await?;
        self.0.done(step, &format!("{ready} replicas are ready")).await
    }

    async fn repair(&mut self) -> Told<()> {
        let old = self.services().get(APP).await?.uid();
        let step = self.0.step("repair", "somebody deletes its Service");
        self.services().delete(APP, &DeleteParams::default()).await?;
        self.until_new_service(old).await?;
        self.0.done(step, "the Service is back").await
    }

    async fn annotation(&mut self) -> Told<()> {
        let step = self.0.step("annotation", "somebody annotates its Deployment, which concerns nobody");
        let patch = json!({ "metadata": { "annotations": { "example.com/note": "hello" } } });
        let deployments = self.0.api::<Deployment>();
        deployments.patch(APP, &PatchParams::default(), &Patch::Merge(&patch)).await?;
        let settled = |d: Deployment| (d.status?.observed_generation == d.metadata.generation).then_some(());
        eventually("the Deployment to settle", || async { Ok(settled(deployments.get(APP).await?)) }).await?;
        self.0.done(step, "the Deployment has settled").await?;
        match self.0.report.steps.last() {
            Some(step) if step.wake_ups > 0 => Err("the annotation has woken the operator".into()),
            _ => Ok(()),
        }
    }

    async fn api_server_restart(&mut self) -> Told<()> {
        let old = self.services().get(APP).await?.uid();
        let step = self
            .0
            .step("api server restart", "the API server is killed and started again, then the Service is deleted");
        self.0.cluster.restart_api_server().await?;
        // Its roles take a moment to come back.
        let services = self.services();
        eventually("the API server to obey", || async {
            Ok(services.delete(APP, &DeleteParams::default()).await.is_ok().then_some(()))
        })
        .await?;
        self.until_new_service(old).await?;
        self.0.done(step, "the watches are back, and so is the Service").await
    }

    async fn operator_restart(&mut self) -> Told<()> {
        self.0.operator.stop().await?;
        let step = self.0.step("operator restart", "the operator is stopped and started again");
        self.0.operator.start()?;
        let operator = &self.0.operator;
        eventually("a run at the start", || async { Ok((operator.counters().reconciles > 0).then_some(())) }).await?;
        self.0.done(step, "it has looked at the WebApp once").await
    }

    async fn missed(&mut self) -> Told<()> {
        self.0.operator.stop().await?;
        let step =
            self.0.step("missed", "while the operator is down, somebody deletes the Service; then it is started");
        let old = self.services().get(APP).await?.uid();
        self.services().delete(APP, &DeleteParams::default()).await?;
        self.0.operator.start()?;
        self.until_new_service(old).await?;
        self.0.done(step, "the Service is back").await
    }

    async fn delete(&mut self) -> Told<()> {
        let step = self.0.step("delete", "the WebApp is deleted");
        self.apps().delete(APP, &DeleteParams::default()).await?;
        let apps = self.apps();
        let gone = || async { Ok(apps.get_opt(APP).await?.is_none().then_some(())) };
        eventually("the WebApp to be gone", gone).await?;
        self.0.done(step, "cleaned up, and the WebApp is gone").await?;
        println!("    (Kubernetes' garbage collector takes its objects; it looks for new kinds each 30 s)");
        let (services, maps, deployments) = (self.services(), self.0.api::<ConfigMap>(), self.0.api::<Deployment>());
        eventually("its objects to be gone", || async {
            let map = maps.list(&ListParams::default()).await?.items.into_iter().any(|m| m.name_any().starts_with(APP));
            let others = services.get_opt(APP).await?.is_some() || deployments.get_opt(APP).await?.is_some();
            Ok((!map && !others).then_some(()))
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
        self.0.api()
    }

    fn services(&self) -> Api<Service> {
        self.0.api()
    }
}
