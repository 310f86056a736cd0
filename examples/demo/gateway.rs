//! The story of the gateway: what comes from other namespaces, and kinds that come and go.

use examples::gateway::api::{CONTROLLER, HOST};
use examples::gateway::gateway_api::{AllowedRoutes, From, Gateway, GatewayClass, GatewayClassSpec, ServiceMonitor};
use examples::gateway::gateway_api::{GatewaySpec, Listener, RouteNamespaces};
use k8s_openapi::api::core::v1::{ConfigMap, Namespace, Service};
use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition;
use kube::api::{Api, DeleteParams, ObjectMeta, Patch, PatchParams, PostParams};
use kube::{CustomResourceExt, ResourceExt};
use serde_json::json;

use crate::stage::{Stage, Told, define, eventually};

const NAME: &str = "public";
const CLASS: &str = "steersman-demo";
const GATEWAY: &str = "gateway.demo.steersman.dev/gateway";

/// The teller.
pub(crate) struct Story<'s>(pub(crate) &'s mut Stage);

impl Story<'_> {
    /// Tells everything; fails with the step that did not happen.
    pub(crate) async fn tell(&mut self) -> Told<()> {
        println!("Gateway operators, of kinds that are defined elsewhere. Namespace {}.", self.0.namespace);
        println!(
            "(HTTPRoute and ServiceMonitor are missing; what is read of the API server is which kinds it serves.)"
        );
        self.0.start().await?;
        self.create().await?;
        let shop = self.service().await?;
        self.host(&shop).await?;
        self.monitor().await?;
        self.no_monitor().await
    }

    async fn create(&mut self) -> Told<()> {
        let step = self.0.step("create", "a class that names this controller and a Gateway of that class are created");
        let class = GatewayClass::new(CLASS, GatewayClassSpec { controller_name: CONTROLLER.to_owned() });
        Api::<GatewayClass>::all(self.0.client()).create(&PostParams::default(), &class).await?;
        let allowed_routes = Some(AllowedRoutes { namespaces: RouteNamespaces { from: From::All } });
        let listener = Listener { name: "http".into(), port: 80, protocol: "HTTP".into(), allowed_routes };
        let spec = GatewaySpec { gateway_class_name: CLASS.to_owned(), listeners: vec![listener] };
        let gateways = self.0.api::<Gateway>();
        gateways.create(&PostParams::default(), &Gateway::new(NAME, spec)).await?;
        eventually("the Gateway to serve", || async {
            let conditions = gateways.get(NAME).await?.status.unwrap_or_default().conditions;
            Ok(conditions
                .iter()
                .any(|condition| condition.type_ == "Programmed" && condition.status == "True")
                .then_some(()))
        })
        .await?;
        self.0.done(step, "it serves").await
    }

    async fn service(&mut self) -> Told<Api<Service>> {
        let namespace = Namespace {
            metadata: ObjectMeta { generate_name: Some("steersman-demo-shop-".into()), ..Default::default() },
            ..Default::default()
        };
        let shop = Api::all(self.0.client()).create(&PostParams::default(), &namespace).await?.name_any();
        let step = self.0.step("service", "a Service of another namespace names the Gateway in an annotation");
        let gateway = format!("{}/{NAME}", self.0.namespace);
        let service = json!({
            "metadata": { "name": "tea", "annotations": { GATEWAY: gateway, HOST: "tea.example.com" } },
            "spec": { "ports": [{ "port": 80 }] },
        });
        let services = Api::<Service>::namespaced(self.0.client(), &shop);
        services.create(&PostParams::default(), &serde_json::from_value(service)?).await?;
        self.until_routed("tea.example.com").await?;
        self.0.done(step, "its host is among the routes").await?;
        Ok(services)
    }

    async fn host(&mut self, services: &Api<Service>) -> Told<()> {
        let step = self.0.step("host", "it wants another host");
        let patch = json!({ "metadata": { "annotations": { HOST: "chai.example.com" } } });
        services.patch("tea", &PatchParams::default(), &Patch::Merge(patch)).await?;
        self.until_routed("chai.example.com").await?;
        self.0.done(step, "the new one is among the routes").await
    }

    async fn monitor(&mut self) -> Told<()> {
        let step =
            self.0.step("monitor", "the definition of ServiceMonitor is installed, as with the Prometheus operator");
        define(&self.0.client(), &ServiceMonitor::crd()).await?;
        let monitors = self.0.api::<ServiceMonitor>();
        let name = format!("{NAME}-gateway");
        eventually("a ServiceMonitor", || async { Ok(monitors.get_opt(&name).await?.map(|_| ())) }).await?;
        self.0.done(step, "the Gateway has one").await
    }

    async fn no_monitor(&mut self) -> Told<()> {
        let step = self.0.step("no monitor", "the definition is removed, with all its objects");
        let crds = Api::<CustomResourceDefinition>::all(self.0.client());
        crds.delete(ServiceMonitor::crd_name(), &DeleteParams::default()).await?;
        let gone = || async { Ok(crds.get_opt(ServiceMonitor::crd_name()).await?.is_none().then_some(())) };
        eventually("the definition to be gone", gone).await?;
        self.0.done(step, "the operator goes on without").await
    }

    async fn until_routed(&self, host: &str) -> Told<()> {
        let maps = self.0.api::<ConfigMap>();
        let name = format!("{NAME}-gateway");
        eventually("the host to be routed", || async {
            let data = maps.get(&name).await?.data.unwrap_or_default();
            Ok(data.values().any(|routes| routes.contains(host)).then_some(()))
        })
        .await
    }
}
