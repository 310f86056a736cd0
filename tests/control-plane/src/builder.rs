//! What a control plane is made of, and its start.

use std::{
    env,
    path::PathBuf,
    time::{Duration, Instant},
};

use crate::{ControlPlane, Error, Part, group::Group, plan::Plan, processes::Processes, program::Programs};

/// How often occupied ports are answered with new ones.
const ATTEMPTS: usize = 5;

/// How a control plane shall be: from [`ControlPlane::builder`].
#[derive(Clone, Debug)]
#[must_use = "nothing runs before `start`"]
pub struct Builder {
    api_server_only: bool,
    nodes: usize,
    deadline: Duration,
    assets: Option<PathBuf>,
    go: PathBuf,
    pub(crate) port: Option<u16>,
    pub(crate) etcd_compaction_interval: Option<Duration>,
    pub(crate) extra: Vec<(Part, String)>,
}

impl Default for Builder {
    fn default() -> Self {
        Self {
            api_server_only: false,
            nodes: 1,
            deadline: Duration::from_secs(120),
            assets: env::var_os("KUBEBUILDER_ASSETS").map(PathBuf::from),
            go: "go".into(),
            port: None,
            etcd_compaction_interval: None,
            extra: Vec::new(),
        }
    }
}

impl Builder {
    /// Starts etcd and the API server only: faster and smaller, and with [`Builder::assets`] Go is not needed.
    pub fn api_server_only(mut self) -> Self {
        self.api_server_only = true;
        self
    }

    /// The number of nodes (default 1), each with room for a million Pods. Without kwok there are none.
    pub fn nodes(mut self, nodes: usize) -> Self {
        self.nodes = nodes;
        self
    }

    /// How long any part may take to become ready, at start and after each restart (default 120 s).
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.deadline = deadline;
        self
    }

    /// A folder from which `etcd` and `kube-apiserver` are taken (default: the variable `KUBEBUILDER_ASSETS`, if set).
    pub fn assets(mut self, folder: impl Into<PathBuf>) -> Self {
        self.assets = Some(folder.into());
        self
    }

    /// The Go command that builds the control plane on first use (default: `go`, found in `PATH`).
    pub fn go(mut self, command: impl Into<PathBuf>) -> Self {
        self.go = command.into();
        self
    }

    /// The port of the API server on 127.0.0.1 (default: any free one).
    pub fn port(mut self, port: u16) -> Self {
        self.port = Some(port);
        self
    }

    /// How often the API server lets etcd forget old versions (default: its own, 5 minutes).
    pub fn etcd_compaction_interval(mut self, every: Duration) -> Self {
        self.etcd_compaction_interval = Some(every);
        self
    }

    /// One more command line argument for a part, such as `--feature-gates=…`. It comes last, so a single value replaces
    /// ours, and a list (`--enable-admission-plugins`, `--controllers`) is added to ours.
    pub fn arg(mut self, part: Part, argument: impl Into<String>) -> Self {
        self.extra.push((part, argument.into()));
        self
    }

    /// Starts it and waits until it answers and all nodes are ready.
    ///
    /// # Errors
    /// Whatever keeps the program from being built, or a part from becoming ready in time. Nothing is left behind then.
    pub async fn start(self) -> Result<ControlPlane, Error> {
        let (parts, assets, go) = (self.included(), self.assets.clone(), self.go.clone());
        let find = tokio::task::spawn_blocking(move || Programs::find(parts, assets, &go));
        let programs = find.await.map_err(|error| Error::io("look for the programs")(error.into()))??;
        let mut attempt = 1;
        loop {
            match self.attempt(programs.clone()).await {
                // Somebody was faster than we.
                Err(Error::PortOccupied { port, .. }) if self.port != Some(port) && attempt < ATTEMPTS => attempt += 1,
                outcome => return outcome,
            }
        }
    }

    /// The parts to start, in the order of their dependency.
    pub(crate) fn included(&self) -> &'static [Part] {
        if self.api_server_only { &Part::ALL[..2] } else { &Part::ALL }
    }

    async fn attempt(&self, programs: Programs) -> Result<ControlPlane, Error> {
        let io = Error::io("prepare a temporary folder");
        let folder = tempfile::Builder::new().prefix("steersman-control-plane-").tempdir();
        let (folder, group) = folder
            .and_then(|folder| {
                let group = Group::new(folder.path())?;
                Ok((folder.keep(), group))
            })
            .map_err(io)?;
        // From here on, dropping the processes removes the folder.
        let processes = Processes::new(group);
        let plan = Plan::new(self, programs, folder)?;
        let control_plane = ControlPlane::new(plan, processes, self.deadline)?;
        let begin = Instant::now();
        // The others would give up if the API server did not answer soon.
        control_plane.start_all(&Part::ALL[..2]).await?;
        control_plane.start_all(&self.included()[2..]).await?;
        control_plane.furnish(if self.api_server_only { 0 } else { self.nodes }).await?;
        tracing::debug!(elapsed = ?begin.elapsed(), folder = %control_plane.folder().display(), "control plane is ready");
        Ok(control_plane)
    }
}
