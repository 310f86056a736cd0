//! Writing: what a run may do to the cluster, and what it learns from the answers.

mod account;
mod apply;
mod delete;
mod desired;
mod events;
mod exchange;
mod finalizer;
mod handle;
mod noop;
mod other;
mod read;
mod refusal;
mod relate;
mod request;
mod run;
mod state;
mod status;

pub(crate) use account::Account;
pub use delete::Deletion;
pub use events::Event;
pub(crate) use events::{Reporter, Tellers, reporting_controller, reporting_instance};
pub(crate) use finalizer::{remove_finalizers, settle_finalizers};
pub use handle::Handle;
#[cfg(feature = "bench")]
pub(crate) use noop::{Judgement, Wish};
pub use read::{ReadHandle, ReadOnly};
pub(crate) use relate::is_label_value;
pub use run::Run;
pub(crate) use state::{Member, RunState};
