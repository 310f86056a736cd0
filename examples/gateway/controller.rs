//! The reconcilers.

use std::sync::Arc;

use steersman::ready::{self, Readiness};
use steersman::{Action, Conditions, WriteError};

use super::api::{
    ClassesContext, ClassesReconciler, ClassesSnapshot, GatewaysContext, GatewaysReconciler, GatewaysSnapshot, is_ours,
};
use super::desired;
use super::gateway_api::{ConditionsStatus, Gateway, GatewayClass};

/// Both operators.
#[derive(Clone, Copy, Debug, Default)]
pub struct Controller;

impl ClassesReconciler for Controller {
    type Error = WriteError;

    async fn reconcile(
        &self,
        class: Arc<GatewayClass>,
        seen: ClassesSnapshot,
        cx: ClassesContext,
    ) -> Result<Action, WriteError> {
        let old = class.status.iter().flat_map(|status| &status.conditions);
        let mut conditions = Conditions::of(old, class.metadata.generation);
        conditions.set("Accepted", true, "Accepted", format!("{} gateways", seen.gateways.len()));
        cx.apply_status(ConditionsStatus { conditions: conditions.into_vec() }).await?;
        Ok(Action::await_change())
    }
}

impl GatewaysReconciler for Controller {
    type Error = WriteError;

    async fn reconcile(
        &self,
        gateway: Arc<Gateway>,
        seen: GatewaysSnapshot,
        cx: GatewaysContext,
    ) -> Result<Action, WriteError> {
        if !seen.class.as_ref().is_some_and(|class| is_ours(class)) {
            return let_go(&seen, &cx).await;
        }
        let routes = desired::routes(&gateway, &seen);
        cx.config_map().apply(desired::config_map(&gateway, &routes)).await?;
        cx.deployment().apply(desired::deployment(&gateway)).await?;
        cx.front().apply(desired::front(&gateway)).await?;
        if seen.monitor.is_served() {
            match cx.monitor().apply(desired::monitor(&gateway)).await {
                // A definition that is being removed takes its objects first, and until it is gone no new ones.
                Ok(_) | Err(WriteError::NoPlace { .. }) => {}
                Err(error) => return Err(error),
            }
        }
        report(&gateway, &routes, &cx).await?;
        Ok(Action::await_change())
    }
}

/// The gateway is somebody else's, or its class is not there. What was ours goes.
async fn let_go(seen: &GatewaysSnapshot, cx: &GatewaysContext) -> Result<Action, WriteError> {
    const NONE: [&str; 0] = [];
    if seen.config_map.is_some() {
        cx.apply_status(ConditionsStatus::default()).await?;
    }
    cx.monitor().prune(NONE).await?;
    cx.front().prune(NONE).await?;
    cx.deployment().prune(NONE).await?;
    cx.config_map().prune(NONE).await?;
    Ok(Action::await_change())
}

async fn report(gateway: &Gateway, routes: &desired::Routes, cx: &GatewaysContext) -> Result<(), WriteError> {
    let old = gateway.status.iter().flat_map(|status| &status.conditions);
    let mut conditions = Conditions::of(old, gateway.metadata.generation);
    conditions.set("Accepted", true, "Accepted", "");
    let readiness = cx.snapshot().deployment.map(|deployment| ready::deployment(&deployment));
    let (programmed, reason) = match readiness {
        Some(Readiness::Ready) => (true, "Programmed"),
        _ => (false, "Pending"),
    };
    conditions.set("Programmed", programmed, reason, format!("{} hosts", routes.table.len()));
    let resolved = routes.rejected.is_empty();
    let reason = if resolved { "ResolvedRefs" } else { "Rejected" };
    conditions.set("ResolvedRefs", resolved, reason, routes.rejected.join(", "));
    cx.apply_status(ConditionsStatus { conditions: conditions.into_vec() }).await?;
    Ok(())
}
