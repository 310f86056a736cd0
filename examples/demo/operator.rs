//! The operator as a process of its own, so that it can be stopped and started like any other.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use clap::ValueEnum;
use serde::{Deserialize, Serialize};
use steersman::cli::Command as Told;
use steersman::{BoxError, Stats};
use tokio::process::{Child, Command};

use crate::example::Example;

/// What the demo tells itself when it starts as the operator.
#[derive(Debug, clap::Args)]
pub(crate) struct Role {
    /// Which operator.
    #[arg(long, value_enum)]
    of: Example,
    /// A file that is kept up to date with the operator's counters, as JSON.
    #[arg(long, value_name = "FILE")]
    counters: PathBuf,
    #[command(subcommand)]
    command: Told,
}

impl Role {
    /// Is the operator, until it is asked to stop.
    pub(crate) async fn play(self) -> Result<(), BoxError> {
        let (cli, stats) = self.of.cli();
        tokio::select! {
            done = cli.execute(self.command) => Ok(done?),
            failed = keep(&self.counters, &stats) => failed,
        }
    }
}

/// Keeps `file` at the counters, written at most every 100 ms and replaced as a whole.
async fn keep(file: &Path, stats: &[Stats]) -> Result<(), BoxError> {
    let mut written = None;
    loop {
        let counters = Counters {
            reconciles: stats.iter().map(Stats::runs).sum(),
            errors: stats.iter().map(Stats::failures).sum(),
            wake_ups: wake_ups(stats),
        };
        if written.as_ref() != Some(&counters) {
            let beside = file.with_extension("new");
            tokio::fs::write(&beside, serde_json::to_string(&counters)?).await?;
            tokio::fs::rename(&beside, file).await?;
            written = Some(counters);
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

fn wake_ups(stats: &[Stats]) -> BTreeMap<String, u64> {
    let mut all = BTreeMap::new();
    for (cause, count) in stats.iter().flat_map(Stats::wake_ups) {
        *all.entry(cause.to_owned()).or_default() += count;
    }
    all
}

/// The operator's process and the files that it writes.
#[derive(Debug)]
pub(crate) struct Operator {
    example: Example,
    child: Option<Child>,
    kubeconfig: PathBuf,
    namespace: Option<String>,
    folder: PathBuf,
}

/// What the operator says about itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
pub(crate) struct Counters {
    pub(crate) reconciles: u64,
    pub(crate) errors: u64,
    pub(crate) wake_ups: BTreeMap<String, u64>,
}

impl Counters {
    /// What was counted since `earlier`.
    pub(crate) fn since(&self, earlier: &Self) -> Self {
        let wake_ups =
            self.wake_ups.iter().map(|(cause, count)| (cause, count - earlier.wake_ups.get(cause).unwrap_or(&0)));
        Self {
            reconciles: self.reconciles - earlier.reconciles,
            errors: self.errors - earlier.errors,
            wake_ups: wake_ups.filter(|(_, count)| *count > 0).map(|(cause, count)| (cause.clone(), count)).collect(),
        }
    }
}

impl Operator {
    /// Not yet running. `folder` is where its log and counters go.
    pub(crate) fn new(example: Example, kubeconfig: &Path, namespace: Option<String>, folder: &Path) -> Self {
        Self { example, child: None, kubeconfig: kubeconfig.to_owned(), namespace, folder: folder.to_owned() }
    }

    /// Starts it; its counters begin at zero.
    pub(crate) fn start(&mut self) -> Result<(), BoxError> {
        if self.counters_file().exists() {
            std::fs::remove_file(self.counters_file())?;
        }
        let log = File::options().create(true).append(true).open(self.log())?;
        let mut command = Command::new(std::env::current_exe()?);
        let example = self.example.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default();
        command.args(["operator", "--of", &example, "--counters"]).arg(self.counters_file());
        command.args(["run", "--kubeconfig"]).arg(&self.kubeconfig);
        if let Some(namespace) = &self.namespace {
            command.args(["--namespaces", namespace]);
        }
        command.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log).kill_on_drop(true);
        self.child = Some(command.spawn()?);
        Ok(())
    }

    /// Asks it to end, and waits until it has.
    pub(crate) async fn stop(&mut self) -> Result<(), BoxError> {
        let Some(mut child) = self.child.take() else { return Ok(()) };
        if let Some(pid) = child.id().and_then(|pid| i32::try_from(pid).ok()).and_then(rustix::process::Pid::from_raw) {
            rustix::process::kill_process(pid, rustix::process::Signal::TERM)?;
        }
        match tokio::time::timeout(Duration::from_secs(30), child.wait()).await {
            Ok(Ok(status)) if status.success() => Ok(()),
            Ok(_) => Err("the operator did not end cleanly".into()),
            Err(_) => Err("the operator did not end within 30 s".into()),
        }
    }

    /// What it has counted since its start; zero before it has written anything.
    pub(crate) fn counters(&self) -> Counters {
        let text = std::fs::read_to_string(self.counters_file()).unwrap_or_default();
        serde_json::from_str(&text).unwrap_or_default()
    }

    /// The end of its log.
    pub(crate) fn last_words(&self) -> String {
        let log = std::fs::read_to_string(self.log()).unwrap_or_default();
        let lines: Vec<&str> = log.lines().collect();
        lines[lines.len().saturating_sub(20)..].join("\n")
    }

    /// Where its log is.
    pub(crate) fn log(&self) -> PathBuf {
        self.folder.join("operator.log")
    }

    fn counters_file(&self) -> PathBuf {
        self.folder.join("counters.json")
    }
}
