//! A spec has named fields.

#[derive(steersman::Operator)]
#[kube(group = "demo.steersman.dev", version = "v1", namespaced)]
union WebAppSpec {
    a: u32,
}

fn main() {}
