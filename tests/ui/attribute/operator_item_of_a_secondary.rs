//! Words of the other attribute.

use k8s_openapi::api::core::v1::Pod;
use steersman::Operator;

#[derive(Operator)]
#[operator(primary = "Pod", handler, optional)]
struct Audit;

fn main() {}
