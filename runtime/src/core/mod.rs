//! The synchronous core: caches, relations, fingerprints and queue. No I/O, no clock of its own, no tokio.

pub(crate) mod account;
pub(crate) mod applied;
pub(crate) mod attempt;
pub(crate) mod cache;
pub(crate) mod fetching;
pub(crate) mod finalizers;
pub(crate) mod fingerprint;
pub(crate) mod history;
pub(crate) mod inspect;
pub(crate) mod key;
#[cfg(test)]
mod model;
pub(crate) mod naming;
mod operator;
pub(crate) mod pace;
pub(crate) mod places;
pub(crate) mod primaries;
pub(crate) mod queue;
pub(crate) mod raw;
pub(crate) mod record;
mod relate;
pub(crate) mod relation;
pub(crate) mod rules;
mod shards;
mod slot;
mod spread;
mod stubs;
#[cfg(test)]
pub(crate) mod testing;
mod ticket;
pub(crate) mod world;
