//! The size of a small operator's program: without features, with the command line and the port, and written with kube alone.

use std::error::Error;
use std::fs;
use std::path::Path;

use crate::compile::cargo;
use crate::harness::{Goal, Quantity, Report, Size};

/// The programs: their name, the features of steersman, and their source.
const PROGRAMS: [(&str, &str, &str); 3] = [("bare", "", BARE), ("full", "\"cli\"", FULL), ("plain", "", PLAIN)];

const RESOURCE: &str = r#"
use std::sync::Arc;

use k8s_openapi::api::core::v1::ConfigMap;
use kube::ResourceExt;

fn desired(greeting: &Greeting) -> ConfigMap {
    let mut desired = ConfigMap::default();
    desired.metadata.name = Some(greeting.name_any());
    desired.data = Some([("text".to_owned(), greeting.spec.text.clone())].into());
    desired
}
"#;

const STEERED: &str = r#"
#[derive(kube::CustomResource, steersman::Operator, Clone, Debug, serde::Deserialize, serde::Serialize, schemars::JsonSchema)]
#[kube(group = "bench.steersman.dev", version = "v1", kind = "Greeting", namespaced)]
#[secondary(ConfigMap, one)]
pub struct GreetingSpec {
    text: String,
}

struct Controller;

impl GreetingReconciler for Controller {
    type Error = steersman::WriteError;

    async fn reconcile(
        &self,
        greeting: Arc<Greeting>,
        _: GreetingSnapshot,
        cx: GreetingContext,
    ) -> Result<steersman::Action, steersman::WriteError> {
        cx.config_map().apply(desired(&greeting)).await?;
        Ok(steersman::Action::await_change())
    }
}
"#;

const BARE: &str = r#"
#[tokio::main]
async fn main() -> Result<(), steersman::Error> {
    tracing_subscriber::fmt().init();
    steersman::Manager::try_default().await?.with(Greeting::operator(Controller)).run().await
}
"#;

const FULL: &str = r#"
#[tokio::main]
async fn main() -> std::process::ExitCode {
    steersman::cli::Cli::new("greeter", "0.1.0").operator(Greeting::operator(Controller)).main().await
}
"#;

const PLAIN: &str = r#"
use futures::StreamExt;
use kube::api::{Patch, PatchParams};
use kube::runtime::controller::{Action, Controller};
use kube::runtime::watcher::Config;
use kube::{Api, Client, Resource};

#[derive(kube::CustomResource, Clone, Debug, serde::Deserialize, serde::Serialize, schemars::JsonSchema)]
#[kube(group = "bench.steersman.dev", version = "v1", kind = "Greeting", namespaced)]
pub struct GreetingSpec {
    text: String,
}

async fn reconcile(greeting: Arc<Greeting>, client: Arc<Client>) -> Result<Action, kube::Error> {
    let mut map = desired(&greeting);
    map.metadata.owner_references = greeting.controller_owner_ref(&()).map(|owner| vec![owner]);
    let maps = Api::<ConfigMap>::namespaced((*client).clone(), &greeting.namespace().unwrap_or_default());
    maps.patch(&greeting.name_any(), &PatchParams::apply("greeter").force(), &Patch::Apply(&map)).await?;
    Ok(Action::await_change())
}

#[tokio::main]
async fn main() -> Result<(), kube::Error> {
    tracing_subscriber::fmt().init();
    let client = Client::try_default().await?;
    let (greetings, maps) = (Api::<Greeting>::all(client.clone()), Api::<ConfigMap>::all(client.clone()));
    Controller::new(greetings, Config::default())
        .owns(maps, Config::default())
        .shutdown_on_signal()
        .run(reconcile, |_, _, _| Action::requeue(std::time::Duration::from_secs(5)), Arc::new(client))
        .for_each(|_| std::future::ready(()))
        .await;
    Ok(())
}
"#;

pub(crate) fn run(_: Size, report: &mut Report) -> Result<(), Box<dyn Error>> {
    let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join("size");
    generate(&root)?;
    eprintln!("  building three programs, which takes minutes the first time");
    // One after the other: built together, each would have the features of all.
    let mut sizes = [0.0; 3];
    for (size, (name, ..)) in sizes.iter_mut().zip(PROGRAMS) {
        let mut command = cargo();
        command
            .args(["build", "--release", "--quiet", "--offline", "-p", name, "--target-dir"])
            .arg(root.join("target"));
        let status = command.current_dir(&root).status()?;
        if !status.success() {
            return Err(format!("the build of {name} ended with {status}").into());
        }
        *size = fs::metadata(root.join("target/release").join(name))?.len() as f64;
    }
    let [bare, full, plain] = sizes.map(Quantity::Bytes);
    report.row("a small operator's program, stripped, without features", bare, Some(("kube alone", plain)), Goal::None);
    report.row("… with command line, port and metrics", full, Some(("kube alone, without them", plain)), Goal::None);
    Ok(())
}

/// A workspace of the programs.
fn generate(root: &Path) -> Result<(), Box<dyn Error>> {
    let repository = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize()?;
    for (name, features, main) in PROGRAMS {
        fs::create_dir_all(root.join(name).join("src"))?;
        fs::write(root.join(name).join("Cargo.toml"), manifest(name, features, &repository.join("runtime")))?;
        let steered = if name == "plain" { "" } else { STEERED };
        fs::write(root.join(name).join("src/main.rs"), format!("{RESOURCE}{steered}{main}"))?;
    }
    let members = PROGRAMS.map(|(name, ..)| format!("{name:?}")).join(", ");
    let workspace =
        format!("[workspace]\nresolver = \"3\"\nmembers = [{members}]\n\n[profile.release]\nstrip = true\n");
    fs::write(root.join("Cargo.toml"), workspace)?;
    // The same versions as here.
    fs::copy(repository.join("Cargo.lock"), root.join("Cargo.lock"))?;
    Ok(())
}

fn manifest(name: &str, features: &str, runtime: &Path) -> String {
    let of_steersman = format!("steersman = {{ path = {runtime:?}, features = [{features}] }}\n");
    let (steersman, runtime) = if name == "plain" { ("", "\"runtime\", ") } else { (&*of_steersman, "") };
    format!(
        r#"[package]
name = "{name}"
version = "0.0.0"
edition = "2024"

[dependencies]
{steersman}futures = {{ version = "0.3", default-features = false }}
k8s-openapi = {{ version = "0.29", default-features = false }}
kube = {{ version = "5.0", default-features = false, features = [{runtime}"client", "derive", "rustls-tls", "ring"] }}
schemars = "1.2"
serde = {{ version = "1.0", features = ["derive"] }}
serde_json = "1.0"
tokio = {{ version = "1", features = ["rt-multi-thread", "macros"] }}
tracing-subscriber = "0.3"
"#
    )
}
