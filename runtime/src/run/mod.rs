//! The runtime: the only code that spawns tasks.

mod builder;
mod dispatch;
mod engine;
mod manager;

pub use builder::OperatorBuilder;
pub use manager::Manager;
