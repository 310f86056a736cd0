//! A Job stands between.

use k8s_openapi::api::batch::v1::CronJob;
use k8s_openapi::api::core::v1::Pod;
use k8s_openapi::api::networking::v1::Ingress;

#[derive(steersman::Operator)]
#[operator(primary = "Ingress")]
#[secondary(CronJob)]
#[secondary(Pod, through = CronJob)]
struct Audit;

fn main() {}
