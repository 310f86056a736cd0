//! Neither is an object a name.

use k8s_openapi::api::core::v1::Pod;
use k8s_openapi::api::networking::v1::Ingress;

#[derive(steersman::Operator)]
#[operator(primary = "Ingress")]
#[secondary(Pod, map = crate::owner, unbounded)]
struct Audit;

fn owner(pod: &Pod) -> &Pod {
    pod
}

fn main() {}
