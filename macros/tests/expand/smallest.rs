#[kube(group = "demo.steersman.dev", version = "v1", kind = "WebApp", namespaced)]
#[secondary(Deployment)]
struct WebAppSpec {
    replicas: i32,
}
