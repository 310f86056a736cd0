//! What is wrong is said at the type, and once.

use k8s_openapi::api::core::v1::Pod;
use steersman::Operator;

#[derive(Operator)]
#[operator(primary = "Pod")]
#[secondary(Deploymnt, handler, predicate = spec_changed)]
struct Audit;

fn main() {}
