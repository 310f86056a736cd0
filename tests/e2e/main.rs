//! The promises, kept against a real API server: one control plane, a namespace per test.

mod actions;
mod bad_input;
mod failures;
mod own_writes;
mod scopes;
mod split;
mod start;
mod stop;
mod webapp;
