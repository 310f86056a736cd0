//! A database of shards and routers, with backups and restores: three operators in one manager.
//!
//! [`api`] declares them, [`controller`] reconciles them, [`decide`] says what is to be done next, [`desired`] what the objects
//! look like, [`secrets`] makes passwords, [`clock`] tells the time, [`cli`] runs them all.

pub mod api;
pub mod cli;
pub mod clock;
pub mod controller;
pub mod decide;
pub mod desired;
pub mod secrets;
