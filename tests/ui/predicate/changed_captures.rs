//! A projection looks at the object alone.

fn main() {
    use k8s_openapi::api::core::v1::{ConfigMap, Pod};

    let name = std::env::args().next();

    #[derive(steersman::Operator)]
    #[operator(primary = "Pod")]
    #[secondary(ConfigMap, predicate = changed(|map| map.metadata.name == name))]
    struct Audit;

    drop(name);
}
