#[operator(primary = "gateway_api::Gateway", resync = "off", predicate = resource_version_changed)]
#[secondary(Pod, owned)]
pub(crate) struct GatewayPods;
