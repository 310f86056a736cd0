//! The operator in plain kube-rs does what the flagship does, on a real control plane.
#![forbid(unsafe_code)]

use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use examples::{plain, webapp};
use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::{ConfigMap, Namespace, Service};
use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition;
use kube::api::{DeleteParams, Patch, PatchParams, PostParams};
use kube::core::ObjectMeta;
use kube::{Api, CustomResourceExt};
use plain::api::{WebApp, WebAppSpec, WebAppStatus};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};
use steersman_control_plane::{ControlPlane, User};

const DEADLINE: Duration = Duration::from_secs(90);

async fn eventually(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    let begin = Instant::now();
    while !holds().await {
        assert!(begin.elapsed() < DEADLINE, "not within {DEADLINE:?}: {what}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// The operator's process, which ends with this.
struct Process(Child);

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn spec() -> WebAppSpec {
    WebAppSpec { image: "nginx:1".into(), replicas: 2, port: 80, tier: Some("frontend".into()), files: None }
}

#[test]
fn its_definition_is_that_of_the_flagship() {
    assert_eq!(json!(WebApp::crd()), json!(webapp::api::WebApp::crd()));
}

#[test]
fn its_objects_are_those_of_the_flagship() {
    let spec = WebAppSpec { files: Some([("index.html".into(), "<p>".into())].into()), ..spec() };
    let mut app = WebApp::new("web", spec);
    (app.metadata.namespace, app.metadata.uid) = (Some("shop".into()), Some("1".into()));
    let flagship: webapp::api::WebApp = serde_json::from_value(json!(app)).unwrap();
    // The flagship names neither: its runtime does.
    let unplaced = |mut object: Value| {
        let metadata = object["metadata"].as_object_mut().unwrap();
        assert_eq!(metadata.remove("namespace").unwrap(), "shop");
        assert_eq!(metadata.remove("ownerReferences").unwrap()[0]["controller"], true);
        object
    };
    assert_eq!(unplaced(json!(plain::desired::deployment(&app))), json!(webapp::desired::deployment(&flagship)));
    assert_eq!(unplaced(json!(plain::desired::service(&app))), json!(webapp::desired::service(&flagship)));
    let (ours, theirs) = (plain::desired::config_maps(&app), webapp::desired::config_maps(&flagship));
    assert_eq!(
        ours.iter().map(|map| unplaced(json!(map))).collect::<Vec<_>>(),
        theirs.iter().map(|map| json!(map)).collect::<Vec<_>>()
    );
}

#[tokio::test]
async fn it_creates_repairs_and_deletes() {
    let plane = ControlPlane::start().await.unwrap();
    let client = plane.client();
    let apply = PatchParams::apply("tests").force();
    let definitions = Api::<CustomResourceDefinition>::all(client.clone());
    definitions.patch(WebApp::crd_name(), &apply, &Patch::Apply(WebApp::crd())).await.unwrap();
    let shop = Namespace {
        metadata: ObjectMeta { name: Some("shop".into()), ..ObjectMeta::default() },
        ..Namespace::default()
    };
    Api::all(client.clone()).create(&PostParams::default(), &shop).await.unwrap();
    let apps = Api::<WebApp>::namespaced(client.clone(), "shop");
    eventually("WebApps are served", async || apps.get_opt("web").await.is_ok()).await;

    let folder = tempfile::tempdir().unwrap();
    let (config, counter) = (folder.path().join("config"), folder.path().join("counter"));
    std::fs::write(&config, plane.kubeconfig_for(User::Admin)).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_plain"));
    command.env_clear().env("KUBECONFIG", &config).env("BENCH_COUNTER", &counter).env("BENCH_USER_AGENT", "plain/1");
    let mut operator = Process(command.stdin(Stdio::null()).spawn().unwrap());

    let spec = WebAppSpec { files: Some([("index.html".into(), "<p>".into())].into()), ..spec() };
    apps.create(&PostParams::default(), &WebApp::new("web", spec)).await.unwrap();
    let status = WebAppStatus { ready: true, ready_replicas: 2, observed_generation: 1 };
    eventually("it is ready", async || apps.get("web").await.unwrap().status == Some(status.clone())).await;

    let services = Api::<Service>::namespaced(client.clone(), "shop");
    services.delete("web", &DeleteParams::default()).await.unwrap();
    eventually("the Service is back", async || services.get_opt("web").await.unwrap().is_some()).await;
    let maps = Api::<ConfigMap>::namespaced(client.clone(), "shop");
    let damage = Patch::Merge(json!({ "data": { "PORT": "81" } }));
    maps.patch("web-env", &PatchParams::default(), &damage).await.unwrap();
    eventually("the ConfigMap is repaired", async || {
        maps.get("web-env").await.unwrap().data.is_some_and(|data| data["PORT"] == "80")
    })
    .await;

    let change = Patch::Merge(json!({ "spec": { "replicas": 1, "files": null } }));
    apps.patch("web", &PatchParams::default(), &change).await.unwrap();
    let status = WebAppStatus { ready: true, ready_replicas: 1, observed_generation: 2 };
    eventually("it is scaled", async || apps.get("web").await.unwrap().status == Some(status.clone())).await;
    eventually("the files are gone", async || maps.get_opt("web-files").await.unwrap().is_none()).await;

    apps.delete("web", &DeleteParams::default()).await.unwrap();
    eventually("it is gone", async || apps.get_opt("web").await.unwrap().is_none()).await;
    let deployments = Api::<Deployment>::namespaced(client, "shop");
    eventually("its Deployment is gone", async || deployments.get_opt("web").await.unwrap().is_none()).await;
    assert!(plane.requests("plain/1").iter().any(|request| request.subresource == "status"));
    let reconciles: u64 = std::fs::read_to_string(&counter).unwrap().parse().unwrap();
    assert!(reconciles > 4, "{reconciles}");
    kill_process(Pid::from_child(&operator.0), Signal::TERM).unwrap();
    eventually("the operator has ended", async || operator.0.try_wait().unwrap().is_some()).await;
    assert!(operator.0.wait().unwrap().success());
}
