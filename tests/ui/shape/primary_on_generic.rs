//! One operator has one kind.

use k8s_openapi::api::core::v1::Pod;

#[derive(steersman::Operator)]
#[operator(primary = "Pod")]

struct Audit<T>;

fn main() {}
