//! The name of what is no primary.

use k8s_openapi::api::core::v1::Pod;
use k8s_openapi::api::networking::v1::Ingress;

#[derive(steersman::Operator)]
#[operator(primary = "Ingress")]
#[secondary(Pod, map = owner, unbounded)]
struct Audit;

fn owner(pod: &Pod) -> Option<steersman::ObjectRef<Pod>> {
    Some(steersman::ObjectRef::from_obj(pod))
}

fn main() {}
