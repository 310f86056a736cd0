//! Neither a word nor a key with its value.

use k8s_openapi::api::core::v1::Pod;

#[derive(steersman::Operator)]
#[operator(primary = "Pod")]
#[operator("30m")]
struct Audit;

fn main() {}
