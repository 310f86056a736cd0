//! Each is owned by the next, and none by the primary.

use k8s_openapi::api::batch::v1::Job;
use k8s_openapi::api::core::v1::{ConfigMap, Pod, Secret};
use k8s_openapi::api::networking::v1::Ingress;

#[derive(steersman::Operator)]
#[operator(primary = "Ingress")]
#[secondary(Job, through = pods)]
#[secondary(Pod, through = ConfigMap)]
#[secondary(ConfigMap, through = Job)]
#[secondary(Secret, through = Pod)]
struct Audit;

fn main() {}
