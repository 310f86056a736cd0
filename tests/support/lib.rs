//! What the end-to-end and the fault tests share.
#![forbid(unsafe_code)]

mod by;
mod crds;
mod eventually;
pub mod fleet;
mod journal;
pub mod kinds;
mod log;
mod objects;
mod operating;
mod palette;
mod place;
pub mod port;
pub mod rights;
pub mod strays;

pub use crds::{install, uninstall};
pub use eventually::{DEADLINE, eventually, found};
pub use journal::Journal;
pub use log::Log;
pub use objects::{config_map, data_of, owned_by, typed};
pub use operating::Operating;
pub use palette::Palette;
pub use place::Place;
pub use steersman_control_plane::{Gate, Proxy};
