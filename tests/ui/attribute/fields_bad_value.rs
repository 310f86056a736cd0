//! An equals sign in a value needs a backslash.

use k8s_openapi::api::core::v1::Pod;
use k8s_openapi::api::networking::v1::Ingress;

#[derive(steersman::Operator)]
#[operator(primary = "Ingress")]
#[secondary(Pod, fields = "metadata.name=a=b")]
struct Audit;

fn main() {}
