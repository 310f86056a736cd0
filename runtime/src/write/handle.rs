//! What a run may do with one declared secondary.

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use super::state::RunState;
use super::{apply, delete};
use crate::core::key::Key;
use crate::core::record::Record;
use crate::error::WriteError;
use crate::kind::Kind;
use crate::snapshot::Secondaries;

/// The secondary of one `#[secondary(..)]` declaration, within one run.
///
/// # Guarantees
/// - What is written is related to the primary as the declaration says, so that its changes find their way back.
/// - Nothing is touched that the primary does not control: an object of the same name that belongs to somebody else is
///   left alone ([`WriteError::NotOurs`]).
/// - The run sees the answers of its own writes at once, in the snapshot and here; it is not woken by them.
pub struct Handle<K> {
    run: Arc<RunState>,
    secondary: usize,
    kind: PhantomData<fn() -> K>,
}

impl<K: Kind> Handle<K> {
    pub(crate) fn new(run: Arc<RunState>, secondary: usize) -> Self {
        Self { run, secondary, kind: PhantomData }
    }

    /// Writes the desired object by server-side apply, as controlled by the primary, and returns the object as it is now.
    ///
    /// `metadata.namespace` may be left out where the primary has one. The status is not written. If the run sees an object
    /// of this name, exactly that one is changed; otherwise it is created. Fields that other managers own are taken over,
    /// since the primary controls the object.
    ///
    /// # Errors
    /// [`WriteError::NotOurs`] if an object of this name exists that the primary does not control; see [`WriteError`] for
    /// the others.
    pub async fn apply(&self, desired: K) -> Result<Arc<K>, WriteError> {
        let failed = |source| WriteError::Serialize { kind: K::info().kind.to_string(), source };
        let desired = desired.to_json().map_err(failed)?;
        self.run
            .poison_on_error(apply::apply(&self.run, self.secondary + 1, desired).await)
            .map(|record| typed(&record))
    }

    /// Deletes the object of this name, in the namespace of the primary, if the run sees one; returns whether it did.
    /// Another object that has taken the name since is left alone. What depends on the object is deleted in the background.
    ///
    /// # Errors
    /// See [`WriteError`]. An object that is gone already is no error.
    pub async fn delete(&self, name: &str) -> Result<bool, WriteError> {
        let namespace = self.run.primary().key.namespace().map(str::to_owned);
        self.delete_key(&Key::new(namespace.as_deref().filter(|_| K::info().namespaced), name)).await
    }

    /// Like [`Handle::delete`], in this namespace: for the secondaries of a cluster-scoped primary.
    ///
    /// # Errors
    /// As of [`Handle::delete`].
    pub async fn delete_in(&self, namespace: &str, name: &str) -> Result<bool, WriteError> {
        self.delete_key(&Key::new(Some(namespace), name)).await
    }

    /// All objects of this secondary, as the run sees them now; more than one even where `one` is declared.
    pub fn all(&self) -> Secondaries<K> {
        self.run.sight().view().many(self.secondary)
    }

    async fn delete_key(&self, key: &Key) -> Result<bool, WriteError> {
        self.run.poison_on_error(delete::delete(&self.run, self.secondary + 1, key).await)
    }
}

impl<K> Clone for Handle<K> {
    fn clone(&self) -> Self {
        Self { run: self.run.clone(), secondary: self.secondary, kind: PhantomData }
    }
}

impl<K: Kind> fmt::Debug for Handle<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Handle")
            .field("kind", &K::info())
            .field("primary", &self.run.primary().key)
            .finish_non_exhaustive()
    }
}

/// The typed object of an answer, which the handle's own kind has decoded.
pub(super) fn typed<K: Kind>(record: &Record) -> Arc<K> {
    record.object().cloned().expect("an answer is decoded as the kind of its handle")
}
