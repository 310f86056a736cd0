//! The flagship under its own manifests and rights, on a real control plane.
#![forbid(unsafe_code)]

use std::fs::File;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use examples::webapp::api::{WebApp, WebAppSpec};
use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::authentication::v1::{TokenRequest, TokenRequestSpec};
use k8s_openapi::api::core::v1::{Namespace, Pod, ServiceAccount};
use kube::api::{
    ApiResource, DeleteParams, DynamicObject, GroupVersionKind, ListParams, Patch, PatchParams, PostParams,
};
use kube::discovery::Scope;
use kube::{Api, Client, ResourceExt};
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

/// What `webapp manifests` prints.
fn manifests(args: &[&str]) -> Vec<Value> {
    let program = Command::new(env!("CARGO_BIN_EXE_webapp")).arg("manifests").args(args).env_clear().output().unwrap();
    assert!(program.status.success(), "{}", String::from_utf8_lossy(&program.stderr));
    let text = String::from_utf8(program.stdout).unwrap();
    text.split("---\n").map(|document| serde_saphyr::from_str(document).unwrap()).collect()
}

/// `kubectl apply --server-side`.
async fn apply(client: &Client, object: &Value) {
    let parsed: DynamicObject = serde_json::from_value(object.clone()).unwrap();
    let types = parsed.types.clone().unwrap();
    let (group, version) = types.api_version.rsplit_once('/').unwrap_or(("", &types.api_version));
    let kind = GroupVersionKind::gvk(group, version, &types.kind);
    let (resource, capabilities) = kube::discovery::pinned_kind(client, &kind).await.unwrap();
    let api: Api<DynamicObject> = match capabilities.scope {
        Scope::Cluster => Api::all_with(client.clone(), &resource),
        Scope::Namespaced => Api::namespaced_with(client.clone(), &parsed.namespace().unwrap(), &resource),
    };
    let name = parsed.name_any();
    let applied = api.patch(&name, &PatchParams::apply("kubectl"), &Patch::Apply(object)).await;
    applied.unwrap_or_else(|error| panic!("{} {name}: {error}", types.kind));
}

/// A kubeconfig of the ServiceAccount.
async fn kubeconfig(plane: &ControlPlane, client: &Client, namespace: &str, account: &str) -> String {
    let accounts = Api::<ServiceAccount>::namespaced(client.clone(), namespace);
    let request = TokenRequest { spec: Some(TokenRequestSpec::default()), ..TokenRequest::default() };
    let answer = accounts.create_token_request(account, &PostParams::default(), &request).await.unwrap();
    let mut config: Value = serde_json::from_str(&plane.kubeconfig_for(User::Nobody)).unwrap();
    config["users"][0]["user"]["token"] = answer.status.unwrap().token.into();
    config["contexts"][0]["context"]["namespace"] = namespace.into();
    config.to_string()
}

/// The operator's process, which ends with this.
struct Process(Child);

impl Process {
    fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.0), signal).unwrap();
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The status and the body of an answer, if there is one.
fn get(address: SocketAddr, path: &str) -> Option<(u16, String)> {
    let mut stream = TcpStream::connect_timeout(&address, Duration::from_secs(5)).ok()?;
    stream.set_read_timeout(Some(Duration::from_secs(10))).ok()?;
    write!(stream, "GET {path} HTTP/1.1\r\nHost: operator\r\nConnection: close\r\n\r\n").ok()?;
    let mut reader = BufReader::new(stream);
    let mut head = String::new();
    reader.read_line(&mut head).ok()?;
    let status = head.split(' ').nth(1)?.parse().ok()?;
    let mut text = String::new();
    reader.read_to_string(&mut text).ok()?;
    Some((status, text))
}

#[tokio::test]
async fn the_flagship_runs_under_its_own_manifests_and_rights() {
    let plane = ControlPlane::start().await.unwrap();
    let client = plane.client();
    let objects = manifests(&["--image", "registry.example/webapp:1", "--replicas", "2"]);
    for object in &objects {
        apply(&client, object).await;
    }
    // Twice is as good as once.
    for object in &objects {
        apply(&client, object).await;
    }
    let namespace = "webapp-operator";
    let pods = Api::<Pod>::namespaced(client.clone(), namespace);
    eventually("the Pods are admitted in a restricted namespace, and ready", async || {
        let pods = pods.list(&ListParams::default()).await.unwrap();
        let ready = |pod: &&Pod| {
            let conditions = pod.status.as_ref().and_then(|status| status.conditions.clone()).unwrap_or_default();
            conditions.iter().any(|condition| condition.type_ == "Ready" && condition.status == "True")
        };
        pods.iter().filter(ready).count() == 2
    })
    .await;

    // A fake node runs no containers: this is what the container would do.
    let deployment = objects.iter().find(|object| object["kind"] == "Deployment").unwrap();
    let pod = &deployment["spec"]["template"]["spec"];
    let container = &pod["containers"][0];
    let folder = tempfile::tempdir().unwrap();
    let account = pod["serviceAccountName"].as_str().unwrap();
    std::fs::write(folder.path().join("config"), kubeconfig(&plane, &client, namespace, account).await).unwrap();
    let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let log = folder.path().join("log");
    let mut command = Command::new(env!("CARGO_BIN_EXE_webapp"));
    command.env_clear().stdin(Stdio::null()).stderr(File::create(&log).unwrap());
    command.args(container["args"].as_array().unwrap().iter().map(|arg| arg.as_str().unwrap()));
    for variable in container["env"].as_array().unwrap() {
        let value = variable["value"].as_str().unwrap_or("webapp-operator-0");
        command.env(variable["name"].as_str().unwrap(), value);
    }
    command.env("KUBECONFIG", folder.path().join("config")).env("STEERSMAN_LISTEN", address.to_string());
    let mut operator = Process(command.spawn().unwrap());
    let said = || std::fs::read_to_string(&log).unwrap();

    eventually("the operator is ready", async || get(address, "/readyz").is_some_and(|(status, _)| status == 200))
        .await;
    assert_eq!(get(address, "/livez").unwrap().0, 200);
    let shop = Namespace {
        metadata: kube::core::ObjectMeta { name: Some("shop".into()), ..Default::default() },
        ..Default::default()
    };
    Api::all(client.clone()).create(&PostParams::default(), &shop).await.unwrap();
    let apps = Api::<WebApp>::namespaced(client.clone(), "shop");
    let spec = WebAppSpec { image: "nginx:1".into(), replicas: 2, port: 80, tier: None, files: None };
    apps.create(&PostParams::default(), &WebApp::new("web", spec)).await.unwrap();
    eventually("the application is ready", async || {
        apps.get_status("web").await.unwrap().status.is_some_and(|status| status.ready)
    })
    .await;
    let deployments = Api::<Deployment>::namespaced(client.clone(), "shop");
    deployments.delete("web", &DeleteParams::default()).await.unwrap();
    eventually("the Deployment is back", async || deployments.get_opt("web").await.unwrap().is_some()).await;
    apps.delete("web", &DeleteParams::default()).await.unwrap();
    eventually("the application is gone", async || apps.get_opt("web").await.unwrap().is_none()).await;
    let (status, metrics) = get(address, "/metrics").unwrap();
    assert!(status == 200 && metrics.contains("steersman_"), "{metrics}");

    operator.signal(Signal::TERM);
    eventually("the operator has ended", async || operator.0.try_wait().unwrap().is_some()).await;
    assert_eq!(operator.0.wait().unwrap().code(), Some(0), "{}", said());
    // It has lacked nothing.
    let said = said();
    let wrong = |line: &&str| line.contains("\"level\":\"ERROR\"") || line.contains("no right");
    assert_eq!(said.lines().filter(wrong).collect::<Vec<_>>(), Vec::<&str>::new());
    // And it has let go of the Lease.
    let leases = ApiResource::erase::<k8s_openapi::api::coordination::v1::Lease>(&());
    let lease = Api::<DynamicObject>::namespaced_with(client, namespace, &leases).get("webapp-operator").await.unwrap();
    assert_eq!(lease.data["spec"]["holderIdentity"].as_str().unwrap_or_default(), "", "{}", json!(lease));
}
