#[kube(group = "demo.steersman.dev", version = "v1", kind = "WebApp", namespaced, status = "WebAppStatus")]
#[operator(finaliser = "demo.steersman.dev/cleanup")]
#[secondary(Deployment, one, handlr)]
#[secondary(Service, predicate = all(spec_changed, generation_changed))]
#[secondary(Secret, name = type)]
#[secondary(Pod, through = Deploymnt, metadata, optional)]
#[secondary(ConfigMap, one, map = crate::owner, reference = spec.config)]
pub struct WebAppSpec {
    pub replicas: i32,
}
