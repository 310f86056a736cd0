//! `run`.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use http::HeaderValue;
use http::header::USER_AGENT;
use k8s_openapi::jiff::SignedDuration;
use kube::config::{KubeConfigOptions, Kubeconfig};
use kube::{Client, Config};

use super::Cli;
use super::failure::{Failure, one_line};
use super::logs::{self, LogFormat};
use super::manifests::names;
use crate::error::{Error, chain};
use crate::leader::LeaderElection;
use crate::run::Manager;
use crate::server::{DebugViews, Server};

/// How to run.
#[derive(Debug, clap::Args)]
#[non_exhaustive]
pub struct RunArgs {
    /// The kubeconfig of the cluster [default: $KUBECONFIG, ~/.kube/config, or the Pod's service account]
    #[arg(long, value_name = "FILE", env = "STEERSMAN_KUBECONFIG")]
    pub kubeconfig: Option<PathBuf>,
    /// The context of the kubeconfig [default: its current one]
    #[arg(long, value_name = "NAME", env = "STEERSMAN_CONTEXT")]
    pub context: Option<String>,
    /// The namespaces to watch, with commas between them [default: all]
    #[arg(long, value_name = "NAMES", value_delimiter = ',', env = "STEERSMAN_NAMESPACES")]
    pub namespaces: Vec<String>,
    /// Where to offer probes, metrics and debug views, such as 0.0.0.0:8080 [default: nowhere]
    #[arg(long, value_name = "ADDRESS", env = "STEERSMAN_LISTEN")]
    pub listen: Option<SocketAddr>,
    /// Who gets the debug views
    #[arg(long, value_enum, value_name = "WHO", default_value_t, env = "STEERSMAN_DEBUG_VIEWS")]
    pub debug_views: DebugViews,
    /// Runs only while no other replica does: the leader holds a Lease
    #[arg(long, env = "STEERSMAN_LEADER_ELECTION")]
    pub leader_election: bool,
    /// The name of the Lease [default: that of the program]
    #[arg(long, value_name = "NAME", env = "STEERSMAN_LEASE_NAME")]
    pub lease_name: Option<String>,
    /// The namespace of the Lease [default: that of the Pod, or of the kubeconfig's context]
    #[arg(long, value_name = "NAME", env = "STEERSMAN_LEASE_NAMESPACE")]
    pub lease_namespace: Option<String>,
    /// How long runs may go on after the operator was asked to stop, such as 10s [default: 25s]
    #[arg(long, value_name = "TIME", env = "STEERSMAN_GRACE", value_parser = duration)]
    pub grace: Option<Duration>,
    /// What is logged, as `tracing` filters it [default: $RUST_LOG, or info]
    #[arg(long, value_name = "FILTER", env = "STEERSMAN_LOG")]
    pub log: Option<String>,
    /// The form of the log
    #[arg(long, value_enum, default_value_t = LogFormat::Text, env = "STEERSMAN_LOG_FORMAT")]
    pub log_format: LogFormat,
}

impl RunArgs {
    pub(super) async fn run(self, cli: Cli) -> Result<(), Failure> {
        logs::begin(self.log.as_deref(), self.log_format)?;
        let config = self.config(&cli).await?;
        let namespace = self.lease_namespace.clone().unwrap_or_else(|| config.default_namespace.clone());
        let client = Client::try_from(config).map_err(Error::Client)?;
        let manager = self.manager(cli, client, &namespace)?;
        Ok(manager.run().await?)
    }

    /// The cluster's configuration, with a user agent that an audit log can tell from others.
    async fn config(&self, cli: &Cli) -> Result<Config, Failure> {
        let options = KubeConfigOptions { context: self.context.clone(), ..KubeConfigOptions::default() };
        let mut config = match (&self.kubeconfig, &self.context) {
            (Some(file), _) => {
                let unusable = |error: kube::config::KubeconfigError| {
                    let said = one_line(&chain(&error));
                    Failure::cluster(format!("the kubeconfig {} cannot be used: {said}", file.display()))
                };
                let kubeconfig = Kubeconfig::read_from(file).map_err(unusable)?;
                Config::from_custom_kubeconfig(kubeconfig, &options).await.map_err(unusable)?
            }
            (None, Some(context)) => Config::from_kubeconfig(&options).await.map_err(|error| {
                let said = one_line(&chain(&error));
                Failure::cluster(format!("the context {context} of the kubeconfig cannot be used: {said}"))
            })?,
            (None, None) => Config::infer().await.map_err(Error::Config)?,
        };
        if let Ok(agent) = HeaderValue::from_str(&format!("{}/{}", cli.name, cli.version)) {
            config.headers.push((USER_AGENT, agent));
        }
        Ok(config)
    }

    fn manager(self, cli: Cli, client: Client, namespace: &str) -> Result<Manager, Failure> {
        let Cli { name, operators, manager: settings, .. } = cli;
        let mut manager = Manager::new(client);
        for mut added in operators {
            let namespaces = names(&self.namespaces);
            if !namespaces.is_empty() {
                added.settings.namespaces = namespaces;
            }
            manager = manager.with_added(added);
        }
        manager = settings(manager);
        if let Some(grace) = self.grace {
            manager = manager.grace(grace);
        }
        if let Some(address) = self.listen {
            manager = manager.server(Server::bind(address)?.debug(self.debug_views));
        }
        if self.leader_election {
            manager =
                manager.leader_election(LeaderElection::new(namespace, self.lease_name.as_deref().unwrap_or(name)));
        }
        Ok(manager)
    }
}

/// `25s`, `1m 30s`, `PT5M`.
fn duration(text: &str) -> Result<Duration, String> {
    let duration: SignedDuration = text.parse().map_err(|_| format!("`{text}` is no time; write it like `25s`"))?;
    Duration::try_from(duration).map_err(|_| format!("`{text}` lies in the past"))
}
