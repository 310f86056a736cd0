//! The memory of a whole operator process with 10,000 primaries of 5 secondaries each, beside kube's reflectors of the same six kinds,
//! both at a real API server.

use std::error::Error;
use std::path::Path;
use std::process::{Command, ExitCode};

use futures::{StreamExt, TryStreamExt, stream};
use http::Request;
use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::{ConfigMap, Namespace, Secret, Service};
use k8s_openapi::api::networking::v1::NetworkPolicy;
use kube::api::{ObjectMeta, PostParams};
use kube::{Api, Client, CustomResourceExt};
use serde_json::{Value, json};
use steersman::Manager;
use steersman_control_plane::ControlPlane;
use tests::install;

use crate::harness::{Goal, Quantity, Report, Size, median};
use crate::objects::{CHILDREN, Form, NAMESPACE, Object};
use crate::operators::{GROUP, Site};
use crate::process::{Process, connect, reflect};
use crate::snapshot::Silent;

/// The argument by which this program becomes the operator.
pub(crate) const AS_SITES: &str = "--as-sites";
/// And that by which it becomes the peer.
pub(crate) const AS_SITES_PEER: &str = "--as-sites-peer";

const SITE: Form = Form::Primary("Site");

pub(crate) fn run(size: Size, report: &mut Report) -> Result<(), Box<dyn Error>> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    runtime.block_on(measure(size, report))
}

async fn measure(size: Size, report: &mut Report) -> Result<(), Box<dyn Error>> {
    let sites = size.pick(10_000, 1_000);
    let cluster = ControlPlane::builder().api_server_only().start().await?;
    let client = cluster.client();
    install(&client, Site::crd()).await;
    let namespace = ObjectMeta { name: Some(NAMESPACE.to_owned()), ..ObjectMeta::default() };
    let namespace = Namespace { metadata: namespace, ..Namespace::default() };
    Api::all(client.clone()).create(&PostParams::default(), &namespace).await?;
    eprintln!("  creating {} objects", sites * (CHILDREN.len() + 1));
    stream::iter(0..sites).map(|number| furnish(&client, number)).buffer_unordered(32).try_collect::<Vec<()>>().await?;

    let mut samples = [const { Vec::new() }; 2];
    for _ in 0..size.pick(3, 1) {
        for (side, role) in [AS_SITES, AS_SITES_PEER].into_iter().enumerate() {
            samples[side].push(start(role, cluster.kubeconfig())?.settled()?);
        }
    }
    for (what, part) in [("settled", 0), ("peak", 1)] {
        let of = |side: usize| {
            let all = samples[side].iter().map(|memory| [memory.resident, memory.peak][part]);
            Quantity::Bytes(median(all.collect()))
        };
        let what = format!("resident memory of a process, {sites} primaries × 5 secondaries, {what}");
        report.row(what, of(0), Some(("reflectors", of(1))), Goal::None);
    }
    Ok(())
}

fn start(role: &str, kubeconfig: &Path) -> Result<Process, Box<dyn Error>> {
    let mut command = Command::new(std::env::current_exe()?);
    command.arg(role).arg(kubeconfig);
    Process::start(command, None)
}

/// A site with its children.
async fn furnish(client: &Client, number: usize) -> Result<(), Box<dyn Error>> {
    let site = create(client, &format!("/apis/{GROUP}/v1"), "sites", Object::new(SITE, number, 1), None).await?;
    let owner = json!([{
        "apiVersion": format!("{GROUP}/v1"), "kind": "Site", "name": site["metadata"]["name"], "uid": site["metadata"]["uid"],
        "controller": true,
    }]);
    for form in CHILDREN {
        let (root, plural) = match form {
            Form::Deployment => ("/apis/apps/v1", "deployments"),
            Form::Service => ("/api/v1", "services"),
            Form::ConfigMap => ("/api/v1", "configmaps"),
            Form::Secret => ("/api/v1", "secrets"),
            _ => ("/apis/networking.k8s.io/v1", "networkpolicies"),
        };
        create(client, root, plural, Object::new(form, number, 1), Some(&owner)).await?;
    }
    Ok(())
}

/// Creates an object, without what is the API server's.
async fn create(
    client: &Client,
    root: &str,
    plural: &str,
    object: Object,
    owner: Option<&Value>,
) -> Result<Value, Box<dyn Error>> {
    let mut body: Value = serde_json::from_str(&object.json())?;
    let metadata = body["metadata"].as_object_mut().ok_or("an object has metadata")?;
    for field in ["uid", "resourceVersion", "generation", "creationTimestamp", "managedFields"] {
        metadata.remove(field);
    }
    if let Some(owner) = owner {
        metadata.insert("ownerReferences".to_owned(), owner.clone());
    }
    if object.form == Form::Service {
        // There are not so many addresses.
        body["spec"]["clusterIP"] = "None".into();
        body["spec"]["clusterIPs"] = json!(["None"]);
    }
    let request = Request::post(format!("{root}/namespaces/{NAMESPACE}/{plural}"))
        .header(http::header::CONTENT_TYPE, "application/json")
        .body(body.to_string().into_bytes())?;
    Ok(client.request(request).await?)
}

/// Is the operator, until it is killed.
pub(crate) fn operator(kubeconfig: &str) -> ExitCode {
    let run = async {
        let manager = Manager::new(connect(kubeconfig).await?).with(Site::operator(Silent));
        Ok::<_, Box<dyn Error>>(manager.run_until(std::future::pending()).await?)
    };
    play(run)
}

/// Is the peer, until it is killed.
pub(crate) fn peer(kubeconfig: &str) -> ExitCode {
    let watch = async {
        let client = connect(kubeconfig).await?;
        tokio::join!(
            reflect::<Site>(&client),
            reflect::<Deployment>(&client),
            reflect::<Service>(&client),
            reflect::<ConfigMap>(&client),
            reflect::<Secret>(&client),
            reflect::<NetworkPolicy>(&client),
        );
        Ok::<_, Box<dyn Error>>(())
    };
    play(watch)
}

fn play(role: impl Future<Output = Result<(), Box<dyn Error>>>) -> ExitCode {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let ended = runtime.map_err(Into::into).and_then(|runtime| runtime.block_on(role));
    eprintln!("the process ended: {ended:?}");
    ExitCode::FAILURE
}
