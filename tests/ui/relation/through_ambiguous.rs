//! A kind that is declared twice.

use k8s_openapi::api::batch::v1::Job;
use k8s_openapi::api::core::v1::Pod;
use k8s_openapi::api::networking::v1::Ingress;

#[derive(steersman::Operator)]
#[operator(primary = "Ingress")]
#[secondary(Job)]
#[secondary(Job, name = nightly, selector = "nightly")]
#[secondary(Pod, through = Job)]
struct Audit;

fn main() {}
