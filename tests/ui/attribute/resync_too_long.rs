//! More than a year is a mistake.

use k8s_openapi::api::core::v1::Pod;

#[derive(steersman::Operator)]
#[operator(primary = "Pod")]
#[operator(resync = "99999h")]
struct Audit;

fn main() {}
