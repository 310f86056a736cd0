//! Operators written with steersman. Each folder is one operator; `demo` shows them at work.
#![forbid(unsafe_code)]

pub mod cronjob;
pub mod database;
pub mod gateway;
pub mod webapp;
