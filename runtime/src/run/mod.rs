//! The runtime: the only code that spawns tasks.

mod builder;
mod dispatch;
mod engine;
mod manager;
mod plan;
mod pulse;

pub use builder::OperatorBuilder;
pub(crate) use builder::Settings;
pub use manager::Manager;
#[cfg(feature = "bench")]
pub(crate) use plan::Plan;
pub(crate) use pulse::Pulse;
