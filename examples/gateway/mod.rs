//! Gateways: primaries that are defined elsewhere, one of them cluster-scoped; kinds that may be missing; and relations that cross
//! namespaces.
//!
//! [`gateway_api`] are the kinds of others, [`api`] says what is watched, [`controller`] reconciles it, [`desired`] says what the
//! objects look like, [`cli`] runs it.

pub mod api;
pub mod cli;
pub mod controller;
pub mod desired;
pub mod gateway_api;
