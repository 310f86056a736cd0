//! A filter looks at one object, not at an event.

use k8s_openapi::api::core::v1::Pod;

#[derive(steersman::Operator)]
#[operator(primary = "Pod", filter = |old, new| old != new)]
struct Audit;

#[derive(steersman::Operator)]
#[operator(primary = "Pod", filter = "app = web")]
struct Selected;

fn main() {}
