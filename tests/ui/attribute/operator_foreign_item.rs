//! A word of another framework is translated.

use k8s_openapi::api::core::v1::Pod;

#[derive(steersman::Operator)]
#[operator(primary = "Pod")]
#[operator(event_filter = generation_changed)]
struct Audit;

fn main() {}
