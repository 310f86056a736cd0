//! One object as a cache holds it.

use std::any::Any;
use std::fmt;
use std::ops::Deref;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use super::raw::{Owner, RawMeta};
use crate::kind::{AnyObject, KindInfo};
use crate::projection::{Projection, ProjectionHasher};

/// One version of one object: what the core needs of its metadata, its fingerprint for each projection that is asked of
/// its kind, and the decoded object.
pub(crate) struct Record {
    meta: RawMeta,
    /// In the order of the cache's projections.
    pub(crate) fingerprints: Box<[u128]>,
    /// `None` if no version could be decoded. If only the newest could not, the last good copy.
    object: Option<AnyObject>,
}

/// What is known of an object that could not be decoded.
#[derive(Debug)]
pub(crate) struct Undecodable {
    pub(crate) meta: RawMeta,
    pub(crate) error: serde_json::Error,
}

impl Record {
    /// Decodes `json` and takes its fingerprints.
    ///
    /// # Errors
    /// The object is not what its Rust type expects, or a predicate panics on it; see [`Record::undecodable`] for what to
    /// keep then.
    pub(crate) fn decode(
        kind: &KindInfo,
        projections: &[Projection],
        meta: RawMeta,
        json: &str,
    ) -> Result<Self, Box<Undecodable>> {
        // The user's code takes part here: `Deserialize` and the functions in `changed(..)`. Its panic must not end a watch.
        let decoded = catch_unwind(AssertUnwindSafe(|| {
            let object = (kind.decode)(json)?;
            let prints = projections.iter().map(|p| p.fingerprint(&meta, json, object.as_ref()));
            Ok((prints.collect::<Result<_, _>>()?, object))
        }));
        match decoded {
            Ok(Ok((fingerprints, object))) => Ok(Self::new(meta, fingerprints, Some(object))),
            Ok(Err(error)) => Err(Box::new(Undecodable { meta, error })),
            Err(_) => {
                let error = serde::de::Error::custom("a predicate, or the type's `Deserialize`, panicked on it");
                Err(Box::new(Undecodable { meta, error }))
            }
        }
    }

    /// What is kept of an object that could not be decoded: it exists, it has owners, and any write changes its
    /// fingerprints, since nobody can say what changed. `copy` is an older version that could be decoded.
    pub(crate) fn undecodable(meta: RawMeta, projections: usize, copy: Option<&Record>) -> Self {
        use std::hash::Hash;
        let mut hasher = ProjectionHasher::new();
        (meta.uid.0, meta.deleting, meta.rv).hash(&mut hasher);
        let copy = copy.filter(|copy| copy.uid == meta.uid).and_then(|copy| copy.object.clone());
        Self::new(meta, vec![hasher.finish128(); projections].into(), copy)
    }

    /// A record without JSON behind it.
    #[cfg(test)]
    pub(crate) fn made(meta: RawMeta, fingerprints: Box<[u128]>, object: Option<AnyObject>) -> Self {
        Self::new(meta, fingerprints, object)
    }

    fn new(meta: RawMeta, fingerprints: Box<[u128]>, object: Option<AnyObject>) -> Self {
        Self { meta, fingerprints, object }
    }

    /// The decoded object; `None` if no version of it could be decoded, or if it is of another type.
    pub(crate) fn object<K: Any + Send + Sync>(&self) -> Option<&Arc<K>> {
        self.object.as_ref()?.downcast_ref()
    }

    /// Whether some version of the object could be decoded.
    pub(crate) fn is_decoded(&self) -> bool {
        self.object.is_some()
    }

    /// The owner that controls this object; there is at most one.
    pub(crate) fn controller(&self) -> Option<&Owner> {
        self.owners.iter().find(|owner| owner.controller)
    }
}

/// A record is read like its metadata.
impl Deref for Record {
    type Target = RawMeta;

    fn deref(&self) -> &RawMeta {
        &self.meta
    }
}

impl fmt::Debug for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}", self.key, self.rv)
    }
}
