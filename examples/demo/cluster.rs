//! The cluster that a story takes place in.

use std::path::{Path, PathBuf};

use k8s_openapi::api::authorization::v1::{ResourceAttributes, SelfSubjectAccessReview, SelfSubjectAccessReviewSpec};
use kube::api::PostParams;
use kube::config::{KubeConfigOptions, Kubeconfig};
use kube::{Api, Client, Config};
use steersman::BoxError;
use steersman::rights::Subject;
use steersman_control_plane::{AuditMark, ControlPlane, Counts, Part, User};

use crate::example::Example;

/// A control plane of our own, or somebody's cluster.
pub(crate) enum Cluster {
    Own(Box<ControlPlane>),
    Existing { client: Client, kubeconfig: PathBuf },
}

impl Cluster {
    /// Starts a control plane; the first time it is built.
    pub(crate) async fn start() -> Result<Self, BoxError> {
        Ok(Self::Own(Box::new(ControlPlane::start().await?)))
    }

    /// The cluster of this kubeconfig.
    pub(crate) async fn existing(file: &Path) -> Result<Self, BoxError> {
        let config =
            Config::from_custom_kubeconfig(Kubeconfig::read_from(file)?, &KubeConfigOptions::default()).await?;
        Ok(Self::Existing { client: Client::try_from(config)?, kubeconfig: file.to_owned() })
    }

    pub(crate) fn client(&self) -> Client {
        match self {
            Self::Own(plane) => plane.client(),
            Self::Existing { client, .. } => client.clone(),
        }
    }

    pub(crate) fn kubeconfig(&self) -> &Path {
        match self {
            Self::Own(plane) => plane.kubeconfig(),
            Self::Existing { kubeconfig, .. } => kubeconfig,
        }
    }

    /// The kubeconfig of the operator: in a cluster of our own, that of a user with exactly the rights that the operator declares.
    pub(crate) async fn operator(&self, folder: &Path, example: Example) -> Result<PathBuf, BoxError> {
        let Self::Own(plane) = self else { return Ok(self.kubeconfig().to_owned()) };
        let grant = example.rules().grant(example.name(), &Subject::user(User::Operator.name()));
        grant.apply(&plane.client()).await?;
        let file = folder.join("operator.kubeconfig");
        std::fs::write(&file, plane.kubeconfig_for(User::Operator))?;
        Ok(file)
    }

    /// Whether the API server has got to know the rights of the operator: those of one role become known together.
    pub(crate) async fn knows_operator(&self, example: Example) -> bool {
        let Self::Own(plane) = self else { return true };
        let rules = example.rules();
        let Some(right) = rules.rights().next() else { return true };
        let resource_attributes = Some(ResourceAttributes {
            group: Some(right.group().to_owned()),
            resource: Some(right.resource().to_owned()),
            verb: Some(right.verb().to_owned()),
            name: right.name().map(str::to_owned),
            ..ResourceAttributes::default()
        });
        let spec = SelfSubjectAccessReviewSpec { resource_attributes, ..Default::default() };
        let review = SelfSubjectAccessReview { spec, ..Default::default() };
        let asked = Api::all(plane.client_for(User::Operator)).create(&PostParams::default(), &review).await;
        asked.is_ok_and(|answer| answer.status.is_some_and(|status| status.allowed))
    }

    /// Whether the cluster is ours to harm.
    pub(crate) fn is_own(&self) -> bool {
        matches!(self, Self::Own(_))
    }

    /// Kills the API server and starts it again on the same etcd.
    pub(crate) async fn restart_api_server(&self) -> Result<(), BoxError> {
        if let Self::Own(plane) = self {
            plane.kill(Part::ApiServer).await?;
            plane.start_part(Part::ApiServer).await?;
        }
        Ok(())
    }

    /// Where the audit log stands now.
    pub(crate) fn mark(&self) -> Option<AuditMark> {
        match self {
            Self::Own(plane) => Some(plane.mark()),
            Self::Existing { .. } => None,
        }
    }

    /// The requests of this client since then, as the API server has counted them.
    pub(crate) fn requests_since(&self, mark: Option<AuditMark>, agent: &str) -> Option<Counts> {
        match self {
            Self::Own(plane) => Some(plane.requests_since(mark?, agent).iter().collect()),
            Self::Existing { .. } => None,
        }
    }
}
