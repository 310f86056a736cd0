//! Operators written with steersman. Each folder is one operator; `demo` shows `webapp` at work.
#![forbid(unsafe_code)]

pub mod webapp;
