//! Writing: what a run may do to the cluster, and what it learns from the answers.

mod apply;
mod delete;
mod finalizer;
mod handle;
mod request;
mod run;
mod state;
mod status;

pub(crate) use finalizer::{add_finalizer, remove_finalizer};
pub use handle::Handle;
pub use run::Run;
pub(crate) use state::{Member, RunState};
