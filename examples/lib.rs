//! Operators written with steersman. Each folder is one operator; `demo` shows `webapp` at work.

pub mod webapp;
