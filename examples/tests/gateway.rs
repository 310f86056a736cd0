//! The gateway operators on a real control plane: kinds that come and go, and annotations across namespaces, under exactly the rights
//! that they declare.
#![forbid(unsafe_code)]

use examples::gateway::api::{CONTROLLER, Classes, Gateways, HOST};
use examples::gateway::controller::Controller;
use examples::gateway::gateway_api::{
    AllowedRoutes, Backend, From, Gateway, GatewayClass, GatewayClassSpec, GatewaySpec, HTTPRoute, HTTPRouteSpec,
    Listener, ParentReference, RouteNamespaces, Rule, ServiceMonitor,
};
use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::{ConfigMap, Service};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Condition;
use kube::api::{DeleteParams, Patch, PatchParams, PostParams};
use kube::{Api, CustomResourceExt, ResourceExt};
use serde_json::json;
use steersman::Stats;
use steersman_control_plane::Request;
use tests::{Operating, Place, eventually, found, install, uninstall};
use tokio::sync::{Mutex, MutexGuard};

/// The annotation of a Service that names its gateway.
const GATEWAY: &str = "gateway.demo.steersman.dev/gateway";

/// Classes and definitions are for all: one test at a time.
static ALONE: Mutex<()> = Mutex::const_new(());

/// A namespace for gateways, one for what is behind them, and the operators for both.
struct Scene {
    place: Place,
    shop: String,
    operating: Operating,
    classes: Stats,
    gateways: Stats,
    _alone: MutexGuard<'static, ()>,
}

impl Scene {
    async fn begin(name: &str) -> Self {
        let alone = ALONE.lock().await;
        let place = Place::shared(name).await;
        let shop = place.another().await;
        install(&place.client, GatewayClass::crd()).await;
        install(&place.client, Gateway::crd()).await;
        let classes = Classes::operator(Controller);
        let gateways = Gateways::operator(Controller).namespaces([&place.namespace, &shop].map(String::clone));
        let stats = (classes.stats(), gateways.stats());
        let operating = place.operate(|manager| manager.with(classes).with(gateways));
        place.started(2).await;
        Self { place, shop, operating, classes: stats.0, gateways: stats.1, _alone: alone }
    }

    /// A class of its own, named like the namespace.
    async fn class(&self, controller: &str) -> Api<GatewayClass> {
        let api = Api::all(self.place.client.clone());
        let spec = GatewayClassSpec { controller_name: controller.to_owned() };
        api.create(&PostParams::default(), &GatewayClass::new(&self.place.namespace, spec)).await.unwrap();
        api
    }

    async fn gateway(&self, name: &str, from: From) {
        let listener = Listener {
            name: "http".to_owned(),
            port: 8080,
            protocol: "HTTP".to_owned(),
            allowed_routes: Some(AllowedRoutes { namespaces: RouteNamespaces { from } }),
        };
        let spec = GatewaySpec { gateway_class_name: self.place.namespace.clone(), listeners: vec![listener] };
        self.place.create(Gateway::new(name, spec)).await;
    }

    fn shop<K>(&self) -> Api<K>
    where
        K: kube::Resource<DynamicType = (), Scope = k8s_openapi::NamespaceResourceScope>,
    {
        Api::namespaced(self.place.client.clone(), &self.shop)
    }

    /// A Service in the shop that names this gateway of the other namespace.
    async fn service(&self, name: &str, gateway: &str, host: &str) {
        let gateway = format!("{}/{gateway}", self.place.namespace);
        let service = json!({
            "metadata": { "name": name, "annotations": { GATEWAY: gateway, HOST: host } },
            "spec": { "ports": [{ "port": 80 }] },
        });
        let service: Service = serde_json::from_value(service).unwrap();
        self.shop().create(&PostParams::default(), &service).await.unwrap();
    }

    async fn annotate(&self, service: &str, key: &str, value: Option<&str>) {
        let patch = Patch::Merge(json!({ "metadata": { "annotations": { key: value } } }));
        self.shop::<Service>().patch(service, &PatchParams::default(), &patch).await.unwrap();
    }

    /// Waits until the gateway has exactly these hosts.
    async fn routes(&self, gateway: &str, hosts: &[(&str, String)]) {
        let lines: String = hosts.iter().map(|(host, target)| format!("{host} {target}\n")).collect();
        eventually(&format!("the routes of {gateway} are {lines:?}"), async || {
            let map = self.place.get::<ConfigMap>(&format!("{gateway}-gateway")).await;
            map.and_then(|map| map.data).is_some_and(|data| data["routes"] == lines)
        })
        .await;
    }

    fn target(&self, service: &str) -> String {
        format!("http://{service}.{}.svc:80", self.shop)
    }

    /// Waits until the condition of the gateway has this status.
    async fn condition(&self, gateway: &str, type_: &str, status: &str) -> Condition {
        found(&format!("{type_} of {gateway} is {status}"), async || {
            let conditions = self.place.get::<Gateway>(gateway).await?.status?.conditions;
            conditions.into_iter().find(|condition| condition.type_ == type_ && condition.status == status)
        })
        .await
    }

    /// Waits until nothing is left to do for it.
    async fn at_rest(&self, gateway: &str) {
        self.condition(gateway, "Programmed", "True").await;
    }

    fn runs(&self, gateway: &str) -> u32 {
        self.gateways.wake_ups_of(&*self.place.namespace, gateway).count()
    }

    /// Nothing of Kubernetes was read; discovery is asked for kinds that are missing.
    async fn end(self) {
        let requests = self.operating.requests();
        let is_read = |request: &&Request| matches!(&*request.verb, "get" | "list") && !request.resource.is_empty();
        assert_eq!(requests.iter().filter(is_read).map(|request| &request.path).collect::<Vec<_>>(), [""; 0]);
        let classes = Api::<GatewayClass>::all(self.place.client.clone());
        let _ = classes.delete(&self.place.namespace, &DeleteParams::default()).await;
        self.operating.stop().await;
    }
}

#[tokio::test]
async fn kinds_that_are_missing_come_and_go() {
    let scene = Scene::begin("optional").await;
    let classes = scene.class(CONTROLLER).await;
    scene.gateway("public", From::All).await;
    scene.service("tea", "public", "tea.example.com").await;
    let tea = ("tea.example.com", scene.target("tea"));
    scene.routes("public", std::slice::from_ref(&tea)).await;
    scene.at_rest("public").await;
    let accepted = found("the class is accepted, with its gateway", async || {
        let conditions = classes.get(&scene.place.namespace).await.unwrap().status?.conditions;
        conditions.into_iter().find(|condition| condition.message == "1 gateways")
    })
    .await;
    assert_eq!((&*accepted.type_, &*accepted.status), ("Accepted", "True"));
    let runs = scene.runs("public");

    // A definition appears: the gateway is told to Prometheus, without a restart.
    install(&scene.place.client, ServiceMonitor::crd()).await;
    let monitor = scene.place.there::<ServiceMonitor>("public-gateway").await;
    assert_eq!(monitor.owner_references()[0].kind, "Gateway");
    // And another one.
    install(&scene.place.client, HTTPRoute::crd()).await;
    let parent = ParentReference { name: "public".to_owned(), namespace: Some(scene.place.namespace.clone()) };
    let spec = HTTPRouteSpec {
        parent_refs: vec![parent],
        hostnames: vec!["cake.example.com".to_owned()],
        rules: vec![Rule { backend_refs: vec![Backend { name: "cake".to_owned(), port: 80 }] }],
    };
    scene.shop().create(&PostParams::default(), &HTTPRoute::new("cake", spec)).await.unwrap();
    let cake = ("cake.example.com", scene.target("cake"));
    scene.routes("public", &[cake, tea.clone()]).await;
    // What is repaired is repaired of optional kinds, too.
    scene.place.delete::<ServiceMonitor>("public-gateway").await;
    let again = scene.place.there::<ServiceMonitor>("public-gateway").await;
    assert_ne!(again.uid(), monitor.uid());

    // They go, with all objects.
    uninstall(&scene.place.client, HTTPRoute::crd_name()).await;
    scene.routes("public", &[tea]).await;
    uninstall(&scene.place.client, ServiceMonitor::crd_name()).await;
    eventually("the operator has come to rest", async || {
        scene.gateways.queued() == 0 && scene.gateways.wake_ups_of(&*scene.place.namespace, "public").by("monitor") >= 3
    })
    .await;
    let more = scene.runs("public") - runs;
    assert!((5..=8).contains(&more), "{:?}", scene.gateways.wake_ups_of(&*scene.place.namespace, "public"));
    assert_eq!((scene.gateways.failures(), scene.classes.failures()), (0, 0));
    scene.end().await;
}

#[tokio::test]
async fn an_annotation_wakes_the_gateway_that_it_names() {
    let scene = Scene::begin("annotations").await;
    scene.class(CONTROLLER).await;
    for gateway in ["one", "two"] {
        scene.gateway(gateway, From::All).await;
        scene.at_rest(gateway).await;
    }
    scene.gateway("closed", From::Same).await;
    scene.at_rest("closed").await;
    let before = ["one", "two", "closed"].map(|gateway| scene.runs(gateway));
    // A run is counted at its end.
    let woken = async |expected: [u32; 3]| {
        let runs = || ["one", "two", "closed"].map(|gateway| scene.runs(gateway));
        let expected = [0, 1, 2].map(|i| before[i] + expected[i]);
        eventually("the gateways have had their runs", async || runs().iter().sum::<u32>() >= expected.iter().sum())
            .await;
        assert_eq!(runs(), expected);
    };

    scene.service("tea", "one", "tea.example.com").await;
    scene.routes("one", &[("tea.example.com", scene.target("tea"))]).await;
    scene.annotate("tea", HOST, Some("chai.example.com")).await;
    scene.routes("one", &[("chai.example.com", scene.target("tea"))]).await;
    woken([2, 0, 0]).await;

    // It moves to the other: both are told.
    scene.annotate("tea", GATEWAY, Some(&format!("{}/two", scene.place.namespace))).await;
    scene.routes("two", &[("chai.example.com", scene.target("tea"))]).await;
    scene.routes("one", &[]).await;
    woken([3, 1, 0]).await;

    // What is none of theirs: a Service without the annotation, and one that names a gateway without its namespace.
    scene.service("plain", "nobody", "plain.example.com").await;
    scene.annotate("plain", GATEWAY, Some("one")).await;
    scene.annotate("plain", GATEWAY, None).await;
    // A second one for the same host is told of, and changes nothing for the first.
    scene.service("zen", "two", "chai.example.com").await;
    let condition = scene.condition("two", "ResolvedRefs", "False").await;
    assert_eq!(condition.message, format!("Service {}/zen", scene.shop));
    scene.routes("two", &[("chai.example.com", scene.target("tea"))]).await;
    woken([3, 2, 0]).await;

    // A gateway that wants nothing from other namespaces gets nothing.
    scene.annotate("tea", GATEWAY, Some(&format!("{}/closed", scene.place.namespace))).await;
    scene.routes("two", &[("chai.example.com", scene.target("zen"))]).await;
    woken([3, 3, 1]).await;
    scene.routes("closed", &[]).await;
    scene.condition("closed", "ResolvedRefs", "True").await;
    assert_eq!(
        scene.operating.watches("services"),
        2,
        "one watch for each of the two namespaces, for two declarations"
    );
    assert_eq!((scene.gateways.failures(), scene.classes.failures()), (0, 0));
    scene.end().await;
}

#[tokio::test]
async fn what_is_of_another_class_is_left_alone() {
    let scene = Scene::begin("classes").await;
    let classes = scene.class("example.com/another").await;
    scene.gateway("public", From::All).await;
    eventually("it has been looked at", async || scene.runs("public") >= 1).await;
    assert_eq!(scene.operating.costs().writes, 0, "{:?}", scene.operating.requests());
    assert_eq!(scene.classes.runs(), 0, "a class of another controller is no primary");
    assert!(scene.place.get::<Gateway>("public").await.unwrap().status.is_none());

    // The class, which is nobody's namespace, becomes ours; and then somebody else's again.
    let take = async |controller: &str| {
        let patch = Patch::Merge(json!({ "spec": { "controllerName": controller } }));
        classes.patch(&scene.place.namespace, &PatchParams::default(), &patch).await.unwrap();
    };
    take(CONTROLLER).await;
    scene.at_rest("public").await;
    take("example.com/another").await;
    scene.place.gone::<Deployment>("public-gateway").await;
    scene.place.gone::<Service>("public-gateway").await;
    scene.place.gone::<ConfigMap>("public-gateway").await;
    // And where the class is missing, so is all else.
    take(CONTROLLER).await;
    scene.at_rest("public").await;
    classes.delete(&scene.place.namespace, &DeleteParams::default()).await.unwrap();
    scene.place.gone::<Deployment>("public-gateway").await;
    scene.place.gone::<ConfigMap>("public-gateway").await;
    assert_eq!((scene.gateways.failures(), scene.classes.failures()), (0, 0));
    scene.end().await;
}

#[test]
fn the_definitions_of_others_are_not_installed() {
    let said = |args: &[&str]| {
        let output = std::process::Command::new(env!("CARGO_BIN_EXE_gateway")).args(args).env_clear().output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    assert_eq!(said(&["crd"]), "");
    let manifests = said(&["manifests", "--image", "registry.example.com/gateway:1"]);
    assert!(
        manifests.contains("kind: ClusterRole\n") && !manifests.contains("kind: CustomResourceDefinition\n"),
        "{manifests}"
    );
}
