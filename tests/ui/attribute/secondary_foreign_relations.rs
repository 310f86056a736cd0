//! Words of other frameworks are translated.

use k8s_openapi::api::core::v1::Pod;
use k8s_openapi::api::networking::v1::Ingress;

#[derive(steersman::Operator)]
#[operator(primary = "Ingress")]
#[secondary(Pod, owns)]
#[secondary(Pod, watches)]
#[secondary(Pod, labels = "app=web")]
#[secondary(Pod, label_selector = "app=web")]
#[secondary(Pod, fieldSelector = "a=b")]
#[secondary(Pod, namespace = "shop")]
#[secondary(Pod, via = Deployment)]
#[secondary(Pod, mapper = f)]
#[secondary(Pod, references = f)]
#[secondary(Pod, index = f)]
#[secondary(Pod, only_metadata)]
#[secondary(Pod, cluster_wide)]
struct Audit;

fn main() {}
