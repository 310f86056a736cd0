//! The runtime under another name.

use std::convert::Infallible;
use std::sync::Arc;

use k8s_openapi::api::core::v1::ConfigMap;
use kube::CustomResource;
use renamed_steersman::{Action, Cleanup, Handled, Operator};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A specification.
#[derive(CustomResource, Operator, Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[kube(group = "demo.steersman.dev", version = "v1", kind = "Renamed", namespaced)]
#[operator(crate = ::renamed_steersman, finalizer = "demo.steersman.dev/renamed")]
#[secondary(ConfigMap, read_only, handler, predicate = changed(|map| map.immutable))]
struct RenamedSpec {}

mod reexport {
    pub(crate) use renamed_steersman as framework;
}

/// Through a path of this crate.
#[derive(Operator)]
#[operator(primary = "Renamed", crate = crate::renamed::reexport::framework)]
struct Again;

struct Controller;

impl RenamedReconciler for Controller {
    type Error = Infallible;

    async fn reconcile(&self, _: Arc<Renamed>, _: RenamedSnapshot, _: RenamedContext) -> Result<Action, Infallible> {
        Ok(Action::await_change())
    }

    async fn reconcile_config_maps(
        &self,
        _: Arc<Renamed>,
        _: RenamedSnapshot,
        _: RenamedContext,
    ) -> Result<Handled, Infallible> {
        Ok(Handled::Done)
    }

    async fn cleanup(&self, _: Arc<Renamed>, _: RenamedSnapshot, _: RenamedContext) -> Result<Cleanup, Infallible> {
        Ok(Cleanup::Done)
    }
}

impl AgainReconciler for Controller {
    type Error = Infallible;

    async fn reconcile(&self, _: Arc<Renamed>, _: AgainSnapshot, _: AgainContext) -> Result<Action, Infallible> {
        Ok(Action::await_change())
    }
}

#[test]
fn under_another_name() {
    assert!(crate::declaration(Renamed::operator(Controller)).contains("Renamed (demo.steersman.dev/v1)"));
    assert!(crate::declaration(Again::operator(Controller)).contains(r#"name: "Again""#));
}
