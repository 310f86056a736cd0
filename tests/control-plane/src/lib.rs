#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

mod audit;
mod builder;
mod control_plane;
mod credentials;
mod error;
mod group;
mod logs;
mod part;
mod plan;
mod processes;
mod program;
mod ready;

pub use audit::{AuditMark, Counts, Request};
pub use builder::Builder;
pub use control_plane::ControlPlane;
pub use credentials::User;
pub use error::Error;
pub use part::Part;
