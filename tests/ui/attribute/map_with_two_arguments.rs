//! There is one object at a time.

use k8s_openapi::api::core::v1::Pod;
use k8s_openapi::api::networking::v1::Ingress;

#[derive(steersman::Operator)]
#[operator(primary = "Ingress")]
#[secondary(Pod, map = |pod, owner| [owner], unbounded)]
struct Audit;

fn main() {}
