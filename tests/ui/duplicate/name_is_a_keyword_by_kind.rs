//! A field cannot have that name.

use k8s_openapi::api::core::v1::Pod;
use k8s_openapi::api::core::v1::ConfigMap;

#[derive(steersman::Operator)]
#[operator(primary = "Pod")]
#[secondary(Macro, one)]
struct Audit;

type Macro = ConfigMap;

fn main() {}
