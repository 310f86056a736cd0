//! Each item is given once, also over several attributes.

use k8s_openapi::api::core::v1::Pod;

#[derive(steersman::Operator)]
#[operator(primary = "Pod")]
#[operator(resync = "30m")]
#[operator(resync = "off")]
struct Audit;

fn main() {}
