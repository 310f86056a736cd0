//! The reconciler.

use std::sync::Arc;

use steersman::{Action, Cleanup, Handled, WriteError};

use super::api::{WebApp, WebAppContext, WebAppReconciler, WebAppSnapshot, WebAppStatus, readiness};
use super::desired;

/// Brings the cluster to what a [`WebApp`] asks for. All reads come from the snapshot.
#[derive(Debug, Default)]
pub struct Controller;

impl WebAppReconciler for Controller {
    type Error = WriteError;

    async fn reconcile(&self, app: Arc<WebApp>, _: WebAppSnapshot, cx: WebAppContext) -> Result<Action, WriteError> {
        for config in desired::config_maps(&app) {
            cx.config_maps().apply(config).await?;
        }
        if app.spec.files.is_none() {
            cx.config_maps().delete(&desired::files_name(&app)).await?;
        }
        cx.deployment().apply(desired::deployment(&app)).await?;
        cx.service().apply(desired::service(&app)).await?;
        report(&app, &cx).await?;
        Ok(Action::await_change())
    }

    async fn reconcile_deployment(
        &self,
        app: Arc<WebApp>,
        seen: WebAppSnapshot,
        cx: WebAppContext,
    ) -> Result<Handled, WriteError> {
        if !seen.deployment.as_deref().is_some_and(|deployment| desired::is_met(&app, deployment)) {
            return Ok(Handled::Escalate);
        }
        report(&app, &cx).await?;
        Ok(Handled::Done)
    }

    async fn cleanup(&self, app: Arc<WebApp>, _: WebAppSnapshot, _: WebAppContext) -> Result<Cleanup, WriteError> {
        // Everything it owns is collected by Kubernetes; what lies outside of the cluster would be removed here.
        tracing::info!(image = app.spec.image, "cleaned up");
        Ok(Cleanup::Done)
    }
}

/// Says how the Deployment is by now. As long as there is no status, one that says that nothing is ready would be news to
/// nobody.
async fn report(app: &WebApp, cx: &WebAppContext) -> Result<(), WriteError> {
    let (ready_replicas, ready) = cx.snapshot().deployment.as_deref().map(readiness).unwrap_or_default();
    if app.status.is_some() || ready_replicas > 0 || ready {
        let observed_generation = app.metadata.generation.unwrap_or_default();
        cx.apply_status(WebAppStatus { ready, ready_replicas, observed_generation }).await?;
    }
    Ok(())
}
