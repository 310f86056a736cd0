//! Operators written with steersman. Each folder is one operator; `demo` shows `webapp` at work, `plain` is the same in plain kube-rs.
#![forbid(unsafe_code)]

pub mod plain;
pub mod webapp;
