//! The struct is a name alone.

use k8s_openapi::api::core::v1::Pod;

#[derive(steersman::Operator)]
#[operator(primary = "Pod")]

enum Audit {}

fn main() {}
