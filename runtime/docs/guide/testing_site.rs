// The operator of the page on testing, for its other examples.
use std::sync::Arc;

use k8s_openapi::api::core::v1::{ConfigMap, Pod};
use kube::core::ObjectMeta;
use kube::{CustomResource, ResourceExt};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use steersman::ready::{self, Readiness};
use steersman::{Action, Handled, Operator, WriteError};

#[derive(CustomResource, Operator, Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[kube(group = "example.com", version = "v1", kind = "Site", namespaced, status = "SiteStatus")]
#[secondary(ConfigMap, one)]
#[secondary(Pod, one, read_only, handler, predicate = changed(ready::pod), debounce = "300ms")]
pub struct SiteSpec {
    pub page: String,
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize, JsonSchema)]
pub struct SiteStatus {
    pub ready: bool,
}

pub struct Controller;

impl SiteReconciler for Controller {
    type Error = WriteError;

    async fn reconcile(&self, site: Arc<Site>, seen: SiteSnapshot, cx: SiteContext) -> Result<Action, WriteError> {
        cx.config_map().apply(page(&site)).await?;
        cx.apply_status(status(&seen)).await?;
        Ok(Action::await_change())
    }

    async fn reconcile_pod(&self, _: Arc<Site>, seen: SiteSnapshot, cx: SiteContext) -> Result<Handled, WriteError> {
        cx.apply_status(status(&seen)).await?;
        Ok(Handled::Done)
    }
}

pub fn status(seen: &SiteSnapshot) -> SiteStatus {
    SiteStatus { ready: seen.pod.as_deref().map(ready::pod) == Some(Readiness::Ready) }
}

pub fn page(site: &Site) -> ConfigMap {
    let metadata = ObjectMeta { name: Some(site.name_any()), ..ObjectMeta::default() };
    ConfigMap { metadata, data: Some([("index.html".to_owned(), site.spec.page.clone())].into()), ..ConfigMap::default() }
}
