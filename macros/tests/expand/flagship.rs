#[kube(group = "demo.steersman.dev", version = "v1", kind = "WebApp", namespaced, status = "WebAppStatus")]
#[operator(finalizer = "demo.steersman.dev/cleanup", former_finalizers = ["old.steersman.dev/cleanup", "cleanup"], resync = "30m", timeout = "90s", predicate = generation_changed)]
#[secondary(Deployment, one, handler, predicate = any(spec_changed, changed(ready_replicas)), debounce = "100ms")]
#[secondary(Service, one, debounce = "off", force = false)]
#[secondary(ConfigMap, predicate = changed(|map| &map.data))]
#[secondary(k8s_openapi::api::networking::v1::NetworkPolicy, name = policies, predicate = generation_changed)]
pub struct WebAppSpec {
    pub replicas: i32,
}
