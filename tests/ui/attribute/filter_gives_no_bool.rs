//! A filter answers yes or no.

use k8s_openapi::api::networking::v1::IngressClass;

#[derive(steersman::Operator)]
#[operator(primary = "IngressClass", filter = |class| class.spec.clone())]
struct ByClosure;

fn controller(class: &IngressClass) -> Option<String> {
    class.spec.as_ref()?.controller.clone()
}

#[derive(steersman::Operator)]
#[operator(primary = "IngressClass", filter = controller)]
struct ByPath;

fn main() {}
