//! The flagship: a web application of one Deployment, one Service and a few ConfigMaps.
//!
//! [`api`] declares it, [`controller`] reconciles it, [`desired`] says what its objects look like, [`cli`] runs it.

pub mod api;
pub mod cli;
pub mod controller;
pub mod desired;
