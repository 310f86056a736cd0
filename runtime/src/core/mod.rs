//! The synchronous core: caches, relations, fingerprints and queue. No I/O, no clock of its own, no tokio.

pub(crate) mod key;
pub(crate) mod raw;
pub(crate) mod record;
