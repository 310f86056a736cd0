//! The control plane that all candidates share.

use std::path::{Path, PathBuf};
use std::time::Duration;

use examples::webapp::api::WebApp;
use k8s_openapi::api::rbac::v1::{ClusterRole, ClusterRoleBinding, PolicyRule, RoleRef, Subject};
use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition;
use kube::api::{ListParams, ObjectMeta, PostParams};
use kube::{Api, Client, CustomResourceExt};
use steersman_control_plane::{AuditMark, ControlPlane, Counts, Part, Request, User};

use crate::BoxError;
use crate::wait::eventually;

/// The user agent of the harness itself, so that nobody takes its requests for those of a candidate.
const HARNESS: &str = "bench-harness/1";
const RIGHTS: &str = "bench-operator";

/// A control plane with the WebApp's definition, and a user with the rights that any of the candidates needs.
#[derive(Debug)]
pub(crate) struct Cluster {
    plane: ControlPlane,
    kubeconfig: PathBuf,
}

impl Cluster {
    /// Starts one with all parts, whose controller manager may send 500 requests a second, so that it is not what is measured.
    pub(crate) async fn start() -> Result<Self, BoxError> {
        let plane = ControlPlane::builder()
            .arg(Part::ControllerManager, "--kube-api-qps=500")
            .arg(Part::ControllerManager, "--kube-api-burst=1000");
        Self::furnish(plane.start().await?).await
    }

    /// Starts one of etcd and API server alone: Deployments get no Pods, and nothing is collected.
    pub(crate) async fn start_api_server_only() -> Result<Self, BoxError> {
        Self::furnish(ControlPlane::builder().api_server_only().start().await?).await
    }

    async fn furnish(plane: ControlPlane) -> Result<Self, BoxError> {
        let client = plane.client();
        let definitions = Api::<CustomResourceDefinition>::all(client.clone());
        definitions.create(&PostParams::default(), &WebApp::crd()).await?;
        let (roles, bindings) = (Api::all(client.clone()), Api::all(client));
        roles.create(&PostParams::default(), &role()).await?;
        bindings.create(&PostParams::default(), &binding()).await?;
        let kubeconfig = plane.folder().join("bench.kubeconfig");
        std::fs::write(&kubeconfig, plane.kubeconfig_for(User::Operator))?;
        let cluster = Self { plane, kubeconfig };
        let known = Api::<WebApp>::all(cluster.plane.client_for(User::Operator));
        let one = ListParams::default().limit(1);
        eventually("the WebApp's definition and the rights are known", Duration::from_secs(60), async || {
            known.list(&one).await.is_ok()
        })
        .await?;
        Ok(cluster)
    }

    /// A client of the admin, whose requests nobody counts.
    pub(crate) fn client(&self) -> Client {
        self.plane.client_as(User::Admin, HARNESS)
    }

    /// The kubeconfig file for a candidate.
    pub(crate) fn kubeconfig(&self) -> &Path {
        &self.kubeconfig
    }

    /// A temporary folder for files of the candidates; it goes with the cluster.
    pub(crate) fn folder(&self) -> &Path {
        self.plane.folder()
    }

    /// A new namespace.
    pub(crate) async fn namespace(&self, prefix: &str) -> Result<String, BoxError> {
        Ok(self.plane.namespace(prefix).await?)
    }

    /// Where the audit log stands now.
    pub(crate) fn mark(&self) -> AuditMark {
        self.plane.mark()
    }

    /// The requests since then of clients whose user agent begins so.
    pub(crate) fn requests(&self, since: AuditMark, user_agent: &str) -> Vec<Request> {
        self.plane.requests_since(since, user_agent)
    }

    /// The same, counted.
    pub(crate) fn counts(&self, since: AuditMark, user_agent: &str) -> Counts {
        self.requests(since, user_agent).iter().collect()
    }

    /// Ends the API server at once (`kill -9`).
    pub(crate) async fn kill_api_server(&self) -> Result<(), BoxError> {
        Ok(self.plane.kill(Part::ApiServer).await?)
    }

    /// Starts the API server again and waits until it is ready.
    pub(crate) async fn start_api_server(&self) -> Result<(), BoxError> {
        Ok(self.plane.start_part(Part::ApiServer).await?)
    }
}

/// Whatever a WebApp operator may need, in whichever framework.
fn role() -> ClusterRole {
    let rule = |group: &str, resources: &[&str]| PolicyRule {
        api_groups: Some(vec![group.to_owned()]),
        resources: Some(resources.iter().map(|&resource| resource.to_owned()).collect()),
        verbs: vec!["*".to_owned()],
        ..PolicyRule::default()
    };
    let rules = vec![
        rule("demo.steersman.dev", &["*"]),
        rule("apps", &["deployments", "replicasets"]),
        rule("", &["services", "configmaps", "secrets", "pods", "events"]),
        rule("events.k8s.io", &["events"]),
        rule("coordination.k8s.io", &["leases"]),
        rule("apiextensions.k8s.io", &["customresourcedefinitions"]),
    ];
    ClusterRole { metadata: named(), rules: Some(rules), ..ClusterRole::default() }
}

fn binding() -> ClusterRoleBinding {
    let group = "rbac.authorization.k8s.io".to_owned();
    let user = User::Operator.name().to_owned();
    ClusterRoleBinding {
        metadata: named(),
        role_ref: RoleRef { api_group: Some(group.clone()), kind: "ClusterRole".into(), name: RIGHTS.into() },
        subjects: Some(vec![Subject { api_group: Some(group), kind: "User".into(), name: user, namespace: None }]),
    }
}

fn named() -> ObjectMeta {
    ObjectMeta { name: Some(RIGHTS.to_owned()), ..ObjectMeta::default() }
}
