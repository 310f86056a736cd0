//! The struct is a name alone.

use k8s_openapi::api::core::v1::Pod;

#[derive(steersman::Operator)]
#[operator(primary = "Pod")]

pub struct Audit {
    pub pods: u32,
}

fn main() {}
