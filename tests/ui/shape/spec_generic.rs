//! One operator has one kind.

#[derive(steersman::Operator)]
#[kube(group = "demo.steersman.dev", version = "v1", namespaced)]
struct WebAppSpec<T> {
    value: T,
}

fn main() {}
