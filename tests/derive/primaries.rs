//! Operators for kinds that are defined elsewhere.

use std::convert::Infallible;
use std::sync::Arc;

use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::{ConfigMap, Namespace, Secret};
use k8s_openapi::api::networking::v1::IngressStatus;
use steersman::{Action, Cleanup, Operator};

use crate::flagship::WebApp;

/// For a built-in kind of another crate, by its path.
#[derive(Operator)]
#[operator(primary = "k8s_openapi::api::networking::v1::Ingress", finalizer = "demo.steersman.dev/ingress")]
#[operator(predicate = any(generation_changed, changed(|ingress| ingress.metadata.annotations.clone())))]
#[secondary(Secret, one, read_only)]
#[derive(Debug)]
pub struct IngressTls;

/// A second operator for a kind that has one already.
#[derive(Operator, Debug)]
#[operator(primary = "WebApp")]
#[secondary(ConfigMap, read_only)]
pub struct WebAppAudit;

/// A cluster-scoped one, by a path without quotes.
#[derive(Operator)]
#[operator(primary = Namespace)]
#[secondary(Deployment, read_only)]
struct NamespaceQuota;

#[derive(Debug)]
struct Controller;

type Ingress = k8s_openapi::api::networking::v1::Ingress;

impl IngressTlsReconciler for Controller {
    type Error = steersman::WriteError;

    async fn reconcile(
        &self,
        _: Arc<Ingress>,
        seen: IngressTlsSnapshot,
        cx: IngressTlsContext,
    ) -> Result<Action, steersman::WriteError> {
        if seen.secret.is_some() {
            let _: Arc<Ingress> = cx.apply_status(IngressStatus::default()).await?;
        }
        Ok(Action::await_change())
    }

    async fn cleanup(
        &self,
        _: Arc<Ingress>,
        _: IngressTlsSnapshot,
        _: IngressTlsContext,
    ) -> Result<Cleanup, steersman::WriteError> {
        Ok(Cleanup::Done)
    }
}

impl WebAppAuditReconciler for Controller {
    type Error = Infallible;

    async fn reconcile(
        &self,
        _: Arc<WebApp>,
        seen: WebAppAuditSnapshot,
        _: WebAppAuditContext,
    ) -> Result<Action, Infallible> {
        drop(seen.config_maps);
        Ok(Action::await_change())
    }
}

impl NamespaceQuotaReconciler for Controller {
    type Error = Infallible;

    async fn reconcile(
        &self,
        _: Arc<Namespace>,
        seen: NamespaceQuotaSnapshot,
        _: NamespaceQuotaContext,
    ) -> Result<Action, Infallible> {
        drop(seen.deployments);
        Ok(Action::await_change())
    }
}

#[test]
fn kinds_from_elsewhere() {
    let ingress = crate::declaration(IngressTls::operator(Controller));
    assert!(ingress.contains(r#"name: "IngressTls""#), "{ingress}");
    assert!(ingress.contains("primary: Ingress (networking.k8s.io/v1)"), "{ingress}");
    let audit = crate::declaration(WebAppAudit::operator(Controller));
    assert!(audit.contains("primary: WebApp (demo.steersman.dev/v1)"), "{audit}");
    let quota = crate::declaration(NamespaceQuota::operator(Controller));
    assert!(quota.contains("primary: Namespace (v1)"), "{quota}");
}
