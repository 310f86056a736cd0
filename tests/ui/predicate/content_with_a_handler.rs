//! The default is the content, without the status.

use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::{Pod, Service};
use steersman::Operator;

#[derive(Operator)]
#[operator(primary = "Pod")]
#[secondary(Deployment, one, handler)]
#[secondary(Service, handler, predicate = any(spec_changed, labels_changed))]
struct Audit;

fn main() {}
