//! All words are listed.

use k8s_openapi::api::core::v1::Pod;

#[derive(steersman::Operator)]
#[operator(primary = "Pod")]
#[operator(colour = "blue")]
struct Audit;

fn main() {}
