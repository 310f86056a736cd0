//! What an installation needs, as objects.

use serde_json::{Value, json};

use super::Cli;
use super::failure::Failure;
use crate::rights::{Grant, Rules, Subject};
use crate::run::Settings;

/// The port of the container: probes, metrics and debug views.
const PORT: u16 = 8080;
/// The user of the container, who is nobody on the node. By number, so that Kubernetes can tell that it is not root.
const USER: u32 = 65532;

/// Whom to give the rights.
#[derive(Clone, Debug, clap::Args)]
#[non_exhaustive]
pub struct RbacArgs {
    /// The namespace where the operator itself is installed [default: the program's name]
    #[arg(long, value_name = "NAME")]
    pub namespace: Option<String>,
    /// The ServiceAccount that it runs as [default: the program's name]
    #[arg(long, value_name = "NAME")]
    pub service_account: Option<String>,
    /// The namespaces that it watches, with commas between them: it gets rights in these alone [default: all]
    #[arg(long, value_name = "NAMES", value_delimiter = ',', env = "STEERSMAN_NAMESPACES")]
    pub namespaces: Vec<String>,
    /// With the rights that leader election needs
    #[arg(long, env = "STEERSMAN_LEADER_ELECTION")]
    pub leader_election: bool,
}

/// What to install.
#[derive(Debug, clap::Args)]
#[non_exhaustive]
pub struct ManifestsArgs {
    #[command(flatten)]
    #[allow(missing_docs, reason = "described where it is defined")]
    pub rbac: RbacArgs,
    /// The container image, whose entry point is this program
    #[arg(long)]
    pub image: String,
    /// The number of replicas. Several take turns: they imply --leader-election
    #[arg(long, default_value_t = 1)]
    pub replicas: u16,
}

impl RbacArgs {
    /// Roles and their bindings.
    pub(super) fn objects(&self, cli: &Cli) -> Result<Vec<Value>, Failure> {
        let rules = cli.operators.iter().fold(Rules::default(), |rules, added| {
            let namespaces = names(&self.namespaces);
            let namespaces = if namespaces.is_empty() { added.settings.namespaces.clone() } else { namespaces };
            rules.and(Settings::rules_in(&added.settings.declaration, &namespaces))
        });
        let rules = if self.leader_election { rules.and_lease(self.namespace(cli), cli.name) } else { rules };
        let subject = Subject::service_account(self.namespace(cli), self.service_account(cli));
        let Grant { cluster_role, cluster_role_binding, roles, role_bindings, .. } = rules.grant(cli.name, &subject);
        let mut objects = Vec::new();
        let mut push = |object: Result<Value, serde_json::Error>| object.map(|object| objects.push(object));
        let pushed = cluster_role
            .iter()
            .map(serde_json::to_value)
            .chain(cluster_role_binding.iter().map(serde_json::to_value))
            .chain(
                roles
                    .iter()
                    .zip(&role_bindings)
                    .flat_map(|(role, binding)| [serde_json::to_value(role), serde_json::to_value(binding)]),
            )
            .try_for_each(&mut push);
        pushed.map_err(Failure::output)?;
        Ok(objects)
    }

    fn namespace<'a>(&'a self, cli: &Cli) -> &'a str {
        self.namespace.as_deref().unwrap_or(cli.name)
    }

    fn service_account<'a>(&'a self, cli: &Cli) -> &'a str {
        self.service_account.as_deref().unwrap_or(cli.name)
    }
}

impl ManifestsArgs {
    /// In the order in which they can be applied.
    pub(super) fn objects(&self, cli: &Cli) -> Result<Vec<Value>, Failure> {
        let mut rbac = self.rbac.clone();
        rbac.leader_election |= self.replicas > 1;
        let namespace = rbac.namespace(cli);
        let mut objects = vec![
            json!({
                "apiVersion": "v1",
                "kind": "Namespace",
                // Nothing in it needs more than this, and the API server sees to it.
                "metadata": { "name": namespace, "labels": { "pod-security.kubernetes.io/enforce": "restricted" } },
            }),
            json!({
                "apiVersion": "v1",
                "kind": "ServiceAccount",
                "metadata": { "name": rbac.service_account(cli), "namespace": namespace, "labels": labels(cli) },
            }),
        ];
        for definition in &cli.definitions {
            objects.push(serde_json::to_value(definition).map_err(Failure::output)?);
        }
        objects.extend(rbac.objects(cli)?);
        objects.push(self.deployment(cli, &rbac));
        Ok(objects)
    }

    fn deployment(&self, cli: &Cli, rbac: &RbacArgs) -> Value {
        let mut environment = vec![
            json!({ "name": "STEERSMAN_LISTEN", "value": format!("0.0.0.0:{PORT}") }),
            json!({ "name": "STEERSMAN_LOG_FORMAT", "value": "json" }),
            json!({ "name": "POD_NAME", "valueFrom": { "fieldRef": { "fieldPath": "metadata.name" } } }),
        ];
        let namespaces = names(&rbac.namespaces);
        if !namespaces.is_empty() {
            environment.push(json!({ "name": "STEERSMAN_NAMESPACES", "value": namespaces.join(",") }));
        }
        if rbac.leader_election {
            environment.push(json!({ "name": "STEERSMAN_LEADER_ELECTION", "value": "true" }));
        }
        let container = json!({
            "name": "operator",
            "image": self.image,
            "args": ["run"],
            "env": environment,
            "ports": [{ "name": "http", "containerPort": PORT }],
            "livenessProbe": { "httpGet": { "path": "/livez", "port": "http" } },
            "readinessProbe": { "httpGet": { "path": "/readyz", "port": "http" } },
            "resources": {
                "requests": { "cpu": "10m", "memory": "32Mi" },
                "limits": { "memory": "256Mi" },
            },
            "securityContext": {
                "allowPrivilegeEscalation": false,
                "readOnlyRootFilesystem": true,
                "capabilities": { "drop": ["ALL"] },
            },
        });
        json!({
            "apiVersion": "apps/v1",
            "kind": "Deployment",
            "metadata": { "name": cli.name, "namespace": rbac.namespace(cli), "labels": labels(cli) },
            "spec": {
                "replicas": self.replicas,
                "selector": { "matchLabels": labels(cli) },
                "template": {
                    "metadata": { "labels": labels(cli) },
                    "spec": {
                        "serviceAccountName": rbac.service_account(cli),
                        "securityContext": {
                            "runAsNonRoot": true,
                            "runAsUser": USER,
                            "seccompProfile": { "type": "RuntimeDefault" },
                        },
                        "containers": [container],
                    },
                },
            },
        })
    }
}

/// Without those that are empty, as an empty environment variable gives one.
pub(super) fn names(given: &[String]) -> Vec<String> {
    given.iter().map(|name| name.trim().to_owned()).filter(|name| !name.is_empty()).collect()
}

fn labels(cli: &Cli) -> Value {
    json!({ "app.kubernetes.io/name": cli.name })
}
