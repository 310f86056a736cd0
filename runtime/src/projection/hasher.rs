//! The hasher behind fingerprints.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::sync::LazyLock;

use siphasher::sip128::{Hasher128, SipHasher13};

/// SipHash with 128 bits and keys drawn once per process, so that two contents that look the same to it are neither met
/// by chance nor made on purpose.
#[derive(Debug)]
#[doc(hidden)]
pub struct ProjectionHasher {
    sip: SipHasher13,
    /// Why what has been fed is not all that there was to feed. Remembered, since a [`Hasher`] cannot fail.
    failure: Option<serde_json::Error>,
}

impl ProjectionHasher {
    pub(crate) fn new() -> Self {
        static KEYS: LazyLock<(u64, u64)> = LazyLock::new(|| {
            let state = RandomState::new();
            (state.hash_one(0), state.hash_one(1))
        });
        Self { sip: SipHasher13::new_with_keys(KEYS.0, KEYS.1), failure: None }
    }

    pub(crate) fn finish128(&self) -> u128 {
        self.sip.finish128().as_u128()
    }

    /// Notes that a value could be fed in part only.
    pub(super) fn fail(&mut self, error: serde_json::Error) {
        self.failure.get_or_insert(error);
    }

    /// # Errors
    /// A value has been fed in part only.
    pub(super) fn failed(&mut self) -> Result<(), serde_json::Error> {
        self.failure.take().map_or(Ok(()), Err)
    }
}

impl Hasher for ProjectionHasher {
    fn finish(&self) -> u64 {
        self.sip.finish()
    }

    fn write(&mut self, bytes: &[u8]) {
        self.sip.write(bytes);
    }
}
