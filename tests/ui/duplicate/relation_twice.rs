//! Other words, the same objects.

use k8s_openapi::api::core::v1::Secret;
use k8s_openapi::api::networking::v1::Ingress;

#[derive(steersman::Operator)]
#[operator(primary = "Ingress")]
#[secondary(Secret, reference = |pod| secrets(pod), selector = "a, b = c")]
#[secondary(Secret, name = others, one, reference = |pod| secrets(pod), selector = "b == c, a")]
struct Audit;

fn secrets(_: &Ingress) -> String {
    String::new()
}

fn main() {}
