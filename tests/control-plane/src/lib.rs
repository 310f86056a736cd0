#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

mod audit;
mod builder;
mod control_plane;
mod credentials;
mod error;
mod eventually;
mod gate;
mod gateway;
mod group;
mod install;
mod logs;
mod part;
mod plan;
mod processes;
mod program;
mod proxy;
mod ready;

pub use audit::{AuditMark, Cost, Counts, Request};
pub use builder::Builder;
pub use control_plane::ControlPlane;
pub use credentials::User;
pub use error::Error;
pub use eventually::{eventually, found};
pub use gate::Gate;
pub use gateway::{Fault, Gateway};
pub use install::install;
pub use part::Part;
pub use proxy::Proxy;
