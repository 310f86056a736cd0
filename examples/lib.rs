//! Operators written with steersman. Each folder is one operator; `demo` shows them at work, and `plain` is `webapp` in plain kube-rs.
#![forbid(unsafe_code)]

pub mod cronjob;
pub mod database;
pub mod gateway;
pub mod plain;
pub mod webapp;
