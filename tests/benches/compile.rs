//! What the derive costs a user's build: the expansion alone, and a crate with one operator of ten secondaries beside the
//! same crate without.

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::harness::{Goal, Quantity, Report, Size, median, timed};

/// The ten secondaries.
const KINDS: [(&str, &str); 10] = [
    ("apps", "Deployment"),
    ("apps", "StatefulSet"),
    ("batch", "Job"),
    ("core", "ConfigMap"),
    ("core", "Secret"),
    ("core", "Service"),
    ("core", "ServiceAccount"),
    ("networking", "Ingress"),
    ("networking", "NetworkPolicy"),
    ("policy", "PodDisruptionBudget"),
];

/// How cargo is called again.
pub(crate) fn cargo() -> Command {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    // Folders without the workspace's `.cargo/config.toml` need it as well.
    cargo.env("K8S_OPENAPI_ENABLED_VERSION", env!("K8S_OPENAPI_ENABLED_VERSION"));
    cargo
}

pub(crate) fn run(size: Size, report: &mut Report) -> Result<(), Box<dyn Error>> {
    let expansion = Expansion::generate()?;
    for (options, goal) in [(&[][..], Goal::AtMost(Quantity::Seconds(0.03))), (&["--release"], Goal::None)] {
        let (what, seconds) = expansion.measure(options)?;
        report.row(what, Quantity::Seconds(seconds), None, goal);
    }
    let crates = Crates::generate()?;
    let (clean, whole) = crates.clean(size)?;
    for (mode, incremental) in [("", "1"), (", not incremental", "0")] {
        let mut samples = [const { Vec::new() }; 2];
        for round in 0..=size.pick(21, 7) {
            for turn in 0..2 {
                let side = (round + turn) % 2;
                let seconds = crates.recheck(SIDES[side], round, incremental)?;
                // The first round warms up.
                if round > 0 {
                    samples[side].push(seconds);
                }
            }
        }
        let [with, plain] = samples.map(median);
        let extra = Quantity::Seconds(with - plain);
        report.row(
            format!("`cargo check` again after an edit, one operator, ten secondaries{mode}"),
            Quantity::Seconds(with),
            Some(("without the derive", Quantity::Seconds(plain))),
            Goal::None,
        );
        let clean = Some((whole, Quantity::Seconds(clean)));
        report.row(format!("… of that for the derive{mode}"), extra, clean, Goal::Share(0.05));
    }
    Ok(())
}

const SIDES: [&str; 2] = ["with", "without"];

/// A workspace of two crates in the temporary folder of the target folder.
struct Crates(PathBuf);

impl Crates {
    fn generate() -> Result<Self, Box<dyn Error>> {
        let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join("compile");
        let repository = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize()?;
        for (side, source) in [("with", with_derive()), ("without", without_derive())] {
            fs::create_dir_all(root.join(side).join("src"))?;
            fs::write(root.join(side).join("Cargo.toml"), manifest(side, &repository.join("runtime")))?;
            fs::write(root.join(side).join("src/lib.rs"), source)?;
        }
        fs::write(root.join("Cargo.toml"), "[workspace]\nresolver = \"3\"\nmembers = [\"with\", \"without\"]\n")?;
        // The same versions as here.
        fs::copy(repository.join("Cargo.lock"), root.join("Cargo.lock"))?;
        Ok(Self(root))
    }

    /// A check of everything, the dependencies included. A quick run takes the time of an earlier one if there is one.
    /// Returns the seconds and what they are.
    fn clean(&self, size: Size) -> Result<(f64, &'static str), Box<dyn Error>> {
        let file = self.0.join("clean-seconds");
        let known = fs::read_to_string(&file).ok().and_then(|text| text.parse::<f64>().ok());
        if let Some(seconds) = known.filter(|_| size == Size::Quick) {
            return Ok((seconds, "clean `cargo check` of an earlier run"));
        }
        if self.0.join("target").exists() {
            fs::remove_dir_all(self.0.join("target"))?;
        }
        eprintln!("  a clean check, which takes a minute or more");
        let seconds = self.check("with", "1")?;
        self.check("without", "1")?;
        fs::write(file, seconds.to_string())?;
        Ok((seconds, "clean `cargo check` with all dependencies"))
    }

    /// A check of one crate alone, after an edit that changes nothing.
    fn recheck(&self, side: &str, round: usize, incremental: &str) -> Result<f64, Box<dyn Error>> {
        let file = self.0.join(side).join("src/lib.rs");
        let source = fs::read_to_string(&file)?;
        let source = source.split("\n// Round").next().unwrap_or_default();
        fs::write(&file, format!("{source}\n// Round {round}, {incremental}.\n"))?;
        self.check(side, incremental)
    }

    fn check(&self, side: &str, incremental: &str) -> Result<f64, Box<dyn Error>> {
        let mut command = cargo();
        command.args(["check", "--quiet", "--offline", "-p", side, "--target-dir"]).arg(self.0.join("target"));
        command.current_dir(&self.0).env("CARGO_INCREMENTAL", incremental);
        let (status, seconds) = timed(|| command.status());
        let status = status?;
        if status.success() { Ok(seconds) } else { Err(format!("`cargo check -p {side}` ended with {status}").into()) }
    }
}

/// The crate of the derive in a workspace of its own, without the profiles of this one: as users build it.
struct Expansion(PathBuf);

impl Expansion {
    fn generate() -> Result<Self, Box<dyn Error>> {
        let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join("expansion");
        let repository = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize()?;
        fs::create_dir_all(root.join("macros"))?;
        let workspace = fs::read_to_string(repository.join("Cargo.toml"))?;
        let shared = workspace.split_once("[workspace.package]").map_or("", |(_, shared)| shared);
        let shared = shared.split("[profile.").next().unwrap_or_default();
        let workspace = format!("[workspace]\nresolver = \"3\"\nmembers = [\"macros\"]\n\n[workspace.package]{shared}");
        fs::write(root.join("Cargo.toml"), workspace)?;
        // The examples in the documentation need these, and nobody runs them here.
        let left_out = ["steersman ", "k8s-openapi", "kube", "schemars", "serde"];
        let crate_of_derive = fs::read_to_string(repository.join("macros/Cargo.toml"))?;
        let lines = crate_of_derive.lines().filter(|line| !left_out.iter().any(|name| line.starts_with(name)));
        let path = repository.join("macros/src/lib.rs");
        let lib = format!("[lib]\npath = {path:?}");
        let manifest = lines.collect::<Vec<_>>().join("\n").replace("[lib]", &lib);
        fs::write(root.join("macros/Cargo.toml"), manifest)?;
        fs::copy(repository.join("Cargo.lock"), root.join("Cargo.lock"))?;
        Ok(Self(root))
    }

    /// What was measured, in the words of the measurement, and its seconds.
    fn measure(&self, options: &[&str]) -> Result<(String, f64), Box<dyn Error>> {
        let mut command = cargo();
        command.args(["test", "--quiet", "--offline", "-p", "steersman-macros", "--lib", "expansion_time"]);
        command.args(options).arg("--target-dir").arg(self.0.join("target")).args(["--", "--ignored", "--nocapture"]);
        // Even then cargo optimises derives for those alone who ask for it.
        command.env("CARGO_PROFILE_RELEASE_BUILD_OVERRIDE_OPT_LEVEL", "3");
        let output = command.current_dir(&self.0).output()?;
        let text = String::from_utf8_lossy(&output.stdout);
        let line = text.lines().find_map(|line| line.strip_suffix(" µs")?.rsplit_once(": "));
        let errors = || format!("no expansion was measured: {}", String::from_utf8_lossy(&output.stderr));
        let (what, micros) = line.ok_or_else(errors)?;
        Ok((what.to_owned(), micros.parse::<f64>()? / 1e6))
    }
}

fn manifest(name: &str, runtime: &Path) -> String {
    let runtime = runtime.display();
    format!(
        r#"[package]
name = "{name}"
version = "0.0.0"
edition = "2024"

[dependencies]
steersman = {{ path = "{runtime}" }}
k8s-openapi = {{ version = "0.29", default-features = false }}
kube = {{ version = "5.0", default-features = false, features = ["client", "derive", "rustls-tls", "ring"] }}
schemars = "1.2"
serde = {{ version = "1.0", features = ["derive"] }}
serde_json = "1.0"
"#
    )
}

/// What both crates have: imports, and the specification below these attributes.
fn shared(derive: &str, attributes: &str) -> String {
    let imports: String =
        KINDS.iter().map(|(group, kind)| format!("use k8s_openapi::api::{group}::v1::{kind};\n")).collect();
    format!(
        r#"//! A crate that is checked.
use std::sync::Arc;
{imports}
#[derive(kube::CustomResource, {derive}Clone, Debug, serde::Deserialize, serde::Serialize, schemars::JsonSchema)]
#[kube(group = "bench.steersman.dev", version = "v1", kind = "Site", namespaced)]
{attributes}pub struct SiteSpec {{
    pub image: String,
    pub replicas: i32,
}}

pub struct Controller;
"#
    )
}

fn with_derive() -> String {
    let secondaries: String = KINDS.iter().map(|(_, kind)| format!("#[secondary({kind})]\n")).collect();
    let attributes = format!("#[operator(resync = \"30m\", exported)]\n{secondaries}");
    shared("steersman::Operator, ", &attributes)
        + r"
impl SiteReconciler for Controller {
    type Error = steersman::BoxError;

    async fn reconcile(
        &self,
        site: Arc<Site>,
        seen: SiteSnapshot,
        cx: SiteContext,
    ) -> Result<steersman::Action, steersman::BoxError> {
        drop((site, seen, cx));
        Ok(steersman::Action::await_change())
    }
}
"
}

fn without_derive() -> String {
    let arguments: String = KINDS.iter().map(|(_, kind)| format!("        _: &{kind},\n")).collect();
    shared("", "")
        + &format!(
            r"
impl Controller {{
    pub async fn reconcile(
        &self,
        site: Arc<Site>,
{arguments}    ) -> Result<steersman::Action, steersman::BoxError> {{
        drop(site);
        Ok(steersman::Action::await_change())
    }}
}}
"
        )
}
