//! Two items without a comma.

use k8s_openapi::api::core::v1::Pod;

#[derive(steersman::Operator)]
#[operator(primary = "Pod")]
#[operator(resync = "30m" timeout = "5m")]
struct Audit;

fn main() {}
