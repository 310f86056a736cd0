//! Two kinds of one name.

use k8s_openapi::api::core::v1::Pod;
use k8s_openapi::api::core::v1 as core;
use k8s_openapi::api::events::v1 as events;

#[derive(steersman::Operator)]
#[operator(primary = "Pod")]
#[secondary(core::Event)]
#[secondary(events::Event)]
struct Audit;

fn main() {}
