//! It selects them, and owns none.

use k8s_openapi::api::networking::v1::Ingress;
use k8s_openapi::api::core::v1::{Pod, Service};
use steersman::Operator;

#[derive(Operator)]
#[operator(primary = "Ingress")]
#[secondary(Service, one, read_only)]
#[secondary(Pod, through = Service)]
struct Audit;

fn main() {}
