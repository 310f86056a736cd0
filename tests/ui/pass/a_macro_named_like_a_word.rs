//! Names of the user's do not get into what is generated.
#![allow(dead_code, unused_macros, non_camel_case_types)]

use k8s_openapi::api::core::v1::{ConfigMap, Pod};

mod core {}
mod std {}
mod steersman {}
struct Option;
struct Arc;
struct Result;
struct Send;
struct String;
struct Clone;
struct Debug;
macro_rules! panic {
    () => {};
}

#[derive(::steersman::Operator)]
#[operator(primary = "Pod", finalizer = "demo.steersman.dev/x")]
#[secondary(ConfigMap, one, read_only, handler, predicate = changed(|object| object.immutable))]
struct Audit;

fn main() {}
