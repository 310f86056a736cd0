//! The database operators on a real control plane, under exactly the rights that their declarations ask for: what they do, and
//! what it costs by their own counters and by the API server's audit log.
#![forbid(unsafe_code)]

mod backups;
mod costs;
mod life;
mod scene;
