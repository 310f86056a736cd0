//! The word of another framework before the type.

use k8s_openapi::api::core::v1::{Pod, Service};
use steersman::Operator;

#[derive(Operator)]
#[operator(primary = "Pod")]
#[secondary(owns, Service, read_only)]
struct Audit;

fn main() {}
