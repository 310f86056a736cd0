//! An apply that changes nothing: what it costs to find that out, beside the request that everybody else sends.

use std::error::Error;
use std::hint::black_box;
use std::time::{Duration, Instant};

use examples::webapp::api::{WebApp, WebAppSpec};
use examples::webapp::desired;
use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::ConfigMap;
use kube::api::{Patch, PatchParams};
use kube::{Api, Client, Resource, ResourceExt};
use serde::Serialize;
use serde::de::DeserializeOwned;
use steersman::Kind;
use steersman::bench::{MANAGER, NoOp};
use steersman_control_plane::ControlPlane;

use crate::harness::{Goal, Quantity, Report, Size, median};

/// Checks in one sample.
const BATCH: usize = 200;

pub(crate) fn run(size: Size, report: &mut Report) -> Result<(), Box<dyn Error>> {
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(measure(size, report))
}

async fn measure(size: Size, report: &mut Report) -> Result<(), Box<dyn Error>> {
    let cluster = ControlPlane::builder().api_server_only().start().await?;
    let client = cluster.client();
    let spec = WebAppSpec {
        image: "registry.example.com/shop/web:1.27.3".into(),
        replicas: 2,
        port: 8080,
        tier: Some("frontend".into()),
        files: Some([("index.html".to_owned(), "x".repeat(1000))].into()),
    };
    let app = WebApp::new("web", spec);
    kind::<Deployment>(&client, desired::deployment(&app), size, report).await?;
    let files = desired::config_maps(&app).pop().ok_or("no ConfigMap")?;
    kind::<ConfigMap>(&client, files, size, report).await
}

async fn kind<K>(client: &Client, desired: K, size: Size, report: &mut Report) -> Result<(), Box<dyn Error>>
where
    K: Kind + Resource<Scope = k8s_openapi::NamespaceResourceScope, DynamicType = ()> + Serialize + DeserializeOwned,
{
    let api = Api::<K>::namespaced(client.clone(), "default");
    let name = desired.name_any();
    let mut body = serde_json::to_value(&desired)?;
    (body["apiVersion"], body["kind"]) = (K::api_version(&()).as_ref().into(), K::kind(&()).as_ref().into());
    let (params, patch) = (PatchParams::apply(MANAGER).force(), Patch::Apply(body));
    let live = serde_json::to_string(&api.patch(&name, &params, &patch).await?)?;
    let entry = entry(&live)?;
    let mut noop = NoOp::<K>::new(&live)?;
    let mut samples = [const { Vec::new() }; 3];
    for _ in 0..size.pick(200, 40) {
        let mut check = |forget: bool| -> Result<Duration, Box<dyn Error>> {
            let begin = Instant::now();
            for _ in 0..BATCH {
                if forget {
                    noop.forget();
                }
                let (same, known) = black_box(noop.check(&desired)?);
                if !same || known == forget {
                    return Err("the check does not find what it is to find".into());
                }
            }
            Ok(begin.elapsed() / BATCH as u32)
        };
        samples[0].push(check(true)?.as_secs_f64());
        samples[1].push(check(false)?.as_secs_f64());
        let begin = Instant::now();
        black_box(api.patch(&name, &params, &patch).await?);
        samples[2].push(begin.elapsed().as_secs_f64());
    }
    let [first, again, sent] = samples.map(|samples| Quantity::Seconds(median(samples)));
    let peer = Some(("the same apply, sent", sent));
    let kind = K::kind(&());
    report.row(format!("apply of a {kind} that changes nothing, found by its fields"), first, peer, Goal::Share(0.1));
    report.row(format!("apply of a {kind} that changes nothing, known from before"), again, peer, Goal::Share(0.1));
    let share = Some(("the object as JSON", Quantity::Bytes(live.len() as f64)));
    report.row(format!("our entry of a {kind}'s managedFields"), Quantity::Bytes(entry as f64), share, Goal::None);
    Ok(())
}

/// The size of what is kept of managedFields.
fn entry(json: &str) -> Result<usize, Box<dyn Error>> {
    let object: serde_json::Value = serde_json::from_str(json)?;
    let entries = object["metadata"]["managedFields"].as_array().ok_or("no managedFields")?;
    let ours = entries.iter().find(|entry| entry["manager"] == MANAGER).ok_or("not applied by us")?;
    Ok(ours["fieldsV1"].to_string().len())
}
