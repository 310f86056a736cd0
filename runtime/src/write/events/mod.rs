//! Kubernetes Events: a run says what happened, a task of the manager tells the API server.

mod event;
mod ledger;
#[cfg(test)]
mod ledger_tests;
mod names;
mod reporter;
mod said;

pub use event::Event;
pub(super) use event::{Reference, Report};
pub(crate) use names::{reporting_controller, reporting_instance};
pub(crate) use reporter::{Reporter, Tellers};
