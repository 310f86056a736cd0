//! The runtime: the only code that spawns tasks.

mod builder;
mod dispatch;
mod engine;
mod manager;
mod plan;
mod pulse;
mod running;
mod signals;
#[cfg(feature = "testing")]
mod testing;

pub use builder::OperatorBuilder;
pub(crate) use builder::Settings;
#[cfg(feature = "cli")]
pub(crate) use manager::Added;
pub use manager::Manager;
#[cfg(any(feature = "bench", feature = "cli"))]
pub(crate) use plan::Plan;
pub(crate) use pulse::Pulse;
#[cfg(feature = "testing")]
pub(crate) use testing::{Begun, Driven};
