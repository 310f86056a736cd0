//! A derive-first framework for Kubernetes operators.

mod action;
mod core;
mod error;
mod kind;
mod kinds;
mod operator;
mod projection;
mod run;
mod shared;
mod snapshot;
mod stats;
mod trigger;
mod watch;
mod write;

#[doc(hidden)]
pub mod __private;

pub use action::{Action, Cleanup, Handled};
pub use error::{Error, FieldConflict, ObjectName, Terminal, WriteError};
pub use kind::Kind;
pub use kinds::{HasGeneration, HasSpec};
pub use operator::{BoxError, Operator};
pub use run::{Manager, OperatorBuilder};
pub use snapshot::{Iter, Secondaries};
pub use stats::Stats;
pub use steersman_macros::Operator;
pub use trigger::{Trigger, Triggers};
pub use write::Handle;

/// The version of kube that the runtime works with: `steersman::kube::Client` is the type that it takes.
pub use kube;
