//! The kind does not exist without `CustomResource`. Said by the compiler, at the kind.

#[derive(steersman::Operator)]
#[kube(group = "demo.steersman.dev", version = "v1", kind = "WebApp", namespaced)]
struct WebAppSpec {}

fn main() {}
