//! The operators that are measured: how each is built and started.

use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::process::Command;

use crate::BoxError;
use crate::cluster::Cluster;
use crate::process::{Counting, Process, Start};

/// One operator in one framework.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Candidate {
    /// The flagship of this project, unchanged.
    Steersman,
    /// kube-rs as its documentation shows.
    KubePlain,
    /// kube-rs, tuned by hand.
    KubeTuned,
    /// controller-runtime with its defaults.
    CrDefault,
    /// controller-runtime with predicates and cached reads.
    CrCustom,
    /// The Java Operator SDK with dependent resources.
    Josdk,
    /// kube-rs without watches of children: it looks every 5 s.
    Poller,
}

/// Why a candidate cannot be measured.
#[derive(Debug)]
pub(crate) enum NotBuilt {
    /// Its toolchain is missing, or it is not there.
    Missing(String),
    /// It does not build.
    Broken(BoxError),
}

/// A candidate that was built.
#[derive(Clone, Debug)]
pub(crate) struct Program {
    candidate: Candidate,
    /// Program and arguments.
    narrow: Vec<PathBuf>,
    wide: Vec<PathBuf>,
}

impl Candidate {
    pub(crate) const ALL: [Candidate; 7] = [
        Candidate::Steersman,
        Candidate::KubePlain,
        Candidate::KubeTuned,
        Candidate::CrDefault,
        Candidate::CrCustom,
        Candidate::Josdk,
        Candidate::Poller,
    ];

    /// Its name in the results.
    pub(crate) fn id(self) -> &'static str {
        match self {
            Candidate::Steersman => "steersman",
            Candidate::KubePlain => "kube-plain",
            Candidate::KubeTuned => "kube-tuned",
            Candidate::CrDefault => "cr-default",
            Candidate::CrCustom => "cr-custom",
            Candidate::Josdk => "josdk",
            Candidate::Poller => "poller",
        }
    }

    /// How long one round of it takes if it polls; all others have come to rest when they do nothing.
    pub(crate) fn polls_every(self) -> Option<Duration> {
        (self == Candidate::Poller).then_some(Duration::from_secs(6))
    }

    /// Builds it, in the profile of this program itself.
    pub(crate) async fn build(self) -> Result<Program, NotBuilt> {
        let (narrow, wide) = match self {
            Candidate::Steersman => {
                let narrow = cargo("examples", "webapp").await?;
                (
                    vec![narrow, "run".into(), "--log".into(), "warn".into()],
                    vec![cargo("peer-wide", "peer-wide").await?],
                )
            }
            Candidate::KubePlain => one(cargo("examples", "plain").await?),
            Candidate::KubeTuned => one(cargo("peer-kube-tuned", "peer-kube-tuned").await?),
            Candidate::Poller => one(cargo("peer-poller", "peer-poller").await?),
            Candidate::CrDefault | Candidate::CrCustom => one(go("controller-runtime", self.id()).await?),
            Candidate::Josdk => maven("josdk").await.map(|jar| {
                let line = vec!["java".into(), "-jar".into(), jar];
                (line.clone(), line)
            })?,
        };
        Ok(Program { candidate: self, narrow, wide })
    }
}

fn one(program: PathBuf) -> (Vec<PathBuf>, Vec<PathBuf>) {
    (vec![program.clone()], vec![program])
}

impl Program {
    pub(crate) fn candidate(&self) -> Candidate {
        self.candidate
    }

    /// Starts it for all namespaces of a cluster; its wide form also follows ReplicaSets and Pods.
    pub(crate) fn start(&self, cluster: &Cluster, is_wide: bool) -> Result<Process, BoxError> {
        let line = if is_wide { &self.wide } else { &self.narrow };
        let (program, arguments) = line.split_first().ok_or("nothing to start")?;
        let mut command = Command::new(program);
        command.args(arguments);
        let is_flagship = self.candidate == Candidate::Steersman && !is_wide;
        let user_agent = match is_flagship {
            true => examples::webapp::cli::NAME.to_owned(),
            false => format!("bench-{}", self.candidate.id()),
        };
        let counting = if is_flagship { Counting::Metrics } else { Counting::File };
        let (kubeconfig, folder) = (cluster.kubeconfig(), cluster.folder());
        Process::start(Start { command, user_agent, kubeconfig, folder, counting, is_wide })
    }
}

/// The folder into which cargo has put this program, and into which it puts the others.
fn profile() -> Result<PathBuf, BoxError> {
    Ok(std::env::current_exe()?.parent().ok_or("this program lies nowhere")?.to_owned())
}

/// Builds a program of this workspace in the profile of this one.
async fn cargo(package: &str, program: &str) -> Result<PathBuf, NotBuilt> {
    let profile = profile().map_err(NotBuilt::Broken)?;
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.args(["build", "--quiet", "--locked", "-p", package, "--bin", program]);
    if !cfg!(debug_assertions) {
        command.arg("--release");
    }
    if let Some(target) = profile.parent() {
        command.arg("--target-dir").arg(target);
    }
    build(command.current_dir(root())).await?;
    Ok(profile.join(program))
}

/// Builds a Go program of a folder of peers.
async fn go(folder: &str, program: &str) -> Result<PathBuf, NotBuilt> {
    let built = profile().map_err(NotBuilt::Broken)?.join(program);
    let mut command = Command::new("go");
    command.args(["build", "-o"]).arg(&built).arg(format!("./cmd/{program}")).current_dir(peers().join(folder));
    build(&mut command).await?;
    Ok(built)
}

/// Builds a Java program of a folder of peers: a jar with its libraries beside it.
async fn maven(folder: &str) -> Result<PathBuf, NotBuilt> {
    let built = profile().map_err(NotBuilt::Broken)?.join(folder);
    let mut command = Command::new("mvn");
    command.args(["-B", "-q", "package"]).arg(format!("-DbuildDirectory={}", built.display()));
    build(command.current_dir(peers().join(folder))).await?;
    Ok(built.join(format!("{folder}.jar")))
}

async fn build(command: &mut Command) -> Result<(), NotBuilt> {
    let status = command.status().await.map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => {
            NotBuilt::Missing(format!("{} is missing", command.as_std().get_program().display()))
        }
        _ => NotBuilt::Broken(error.into()),
    })?;
    if status.success() {
        return Ok(());
    }
    Err(NotBuilt::Broken(format!("{:?} ended with {status}", command.as_std()).into()))
}

/// The folder of the peers' sources.
fn peers() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("peers")
}

/// The folder of the workspace.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}
