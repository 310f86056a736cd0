//! No other crate sees the struct.

use k8s_openapi::api::core::v1::Pod;
use steersman::Operator;

#[derive(Operator)]
#[operator(primary = "Pod", exported)]
pub(crate) struct Audit;

fn main() {}
