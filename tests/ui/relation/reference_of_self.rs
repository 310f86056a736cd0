//! There is no `self`.

use k8s_openapi::api::core::v1::{Pod, Secret};
use steersman::Operator;

#[derive(Operator)]
#[operator(primary = "Pod")]
#[secondary(Secret, reference = self.spec.secret)]
struct Audit;

fn main() {}
