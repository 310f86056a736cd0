//! What a run may do with one declared secondary.

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use serde::Serialize;

use super::apply::Strangers;
use super::delete::Deletion;
use super::state::RunState;
use super::{apply, delete, other};
use crate::core::key::Key;
use crate::core::record::Record;
use crate::error::WriteError;
use crate::kind::Kind;
use crate::secret::without_value;
use crate::snapshot::Secondaries;

/// The secondary of one `#[secondary(..)]` declaration, within one run.
///
/// # Guarantees
/// - What is written is related to the primary as the declaration says, so that its changes find their way back.
/// - Nothing is touched that does not belong to the primary by that relation, which for what is owned is the controller
///   reference: an object of the same name that belongs to somebody else is left alone ([`WriteError::NotOurs`]).
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

    /// Writes the desired object by server-side apply, with what its relation needs to find its way back (for what is owned, the
    /// owner reference), and returns the object as it is now.
    ///
    /// `metadata.namespace` may be left out where the primary has one. The status is not written. If the run sees an object
    /// of this name, exactly that one is changed; otherwise it is created. What would change nothing is not sent. Fields that
    /// other managers own are taken over of what is owned, and left alone of what is not, unless the declaration says otherwise
    /// by `force = ..`.
    ///
    /// # Errors
    /// [`WriteError::NotOurs`] if an object of this name exists that does not belong to the primary; [`WriteError::CannotRelate`]
    /// if what is desired would not; [`WriteError::FieldConflict`] without force; see [`WriteError`] for the others.
    pub async fn apply(&self, desired: K) -> Result<Arc<K>, WriteError> {
        let desired = json(&desired)?;
        self.answer(apply::apply(&self.run, self.index(), desired, Strangers::LeaveAlone).await)
    }

    /// Like [`Handle::apply`], and takes over an object of this name that is nobody's. What is owned has no controller then, and
    /// becomes the primary's, with all that follows when the primary is deleted; of other relations, nobody is named by it as far
    /// as the watch shows.
    ///
    /// # Errors
    /// [`WriteError::NotOurs`] if the object belongs to somebody else; otherwise as of [`Handle::apply`].
    pub async fn adopt(&self, desired: K) -> Result<Arc<K>, WriteError> {
        let desired = json(&desired)?;
        self.answer(apply::apply(&self.run, self.index(), desired, Strangers::Adopt).await)
    }

    /// Creates an object, related as [`Handle::apply`] does. With `metadata.generateName` in place of a name, one is generated
    /// as the API server would.
    ///
    /// If the answer is lost, nobody knows whether there is an object of a generated name; the next run sees it if its watch
    /// has shown it by then, and may otherwise create a second one. Where that would matter, choose the name yourself and use
    /// [`Handle::apply`].
    ///
    /// # Errors
    /// [`WriteError::Exists`] if there is an object of this name; see [`WriteError`] for the others.
    pub async fn create(&self, desired: K) -> Result<Arc<K>, WriteError> {
        let desired = json(&desired)?;
        self.answer(other::create(&self.run, self.index(), desired).await)
    }

    /// Replaces the object of this name, all of it but the status, in exactly the version that the run sees. What would
    /// change nothing is not sent.
    ///
    /// For what has to be computed from the object as it is; whatever can be said without that is better applied.
    ///
    /// # Errors
    /// [`WriteError::NotSeen`] if the run sees no such object, [`WriteError::Outdated`] if it has been changed since; see
    /// [`WriteError`] for the others.
    pub async fn replace(&self, desired: K) -> Result<Arc<K>, WriteError> {
        let desired = json(&desired)?;
        self.answer(other::replace(&self.run, self.index(), desired).await)
    }

    /// Changes the object of this name, in the namespace of the primary, by a
    /// [merge patch](https://www.rfc-editor.org/rfc/rfc7386): exactly the one that the run sees. What would change nothing
    /// is not sent.
    ///
    /// For single fields of objects that others write too; the API server does not remember them as a part of what was
    /// applied, so that leaving them out later does not remove them.
    ///
    /// # Errors
    /// [`WriteError::NotSeen`] if the run sees no such object; see [`WriteError`] for the others.
    pub async fn patch(&self, name: &str, patch: impl Serialize + Send) -> Result<Arc<K>, WriteError> {
        self.patch_key(&self.key(None, name), patch).await
    }

    /// Like [`Handle::patch`], in this namespace: for the secondaries of a cluster-scoped primary.
    ///
    /// # Errors
    /// As of [`Handle::patch`].
    pub async fn patch_in(
        &self,
        namespace: &str,
        name: &str,
        patch: impl Serialize + Send,
    ) -> Result<Arc<K>, WriteError> {
        self.patch_key(&self.key(Some(namespace), name), patch).await
    }

    /// Deletes the object of this name, in the namespace of the primary, if the run sees one that is not being deleted
    /// already; returns whether it did. Another object that has taken the name since is left alone. What depends on the
    /// object is deleted in the background.
    ///
    /// An object that goes on for a while, such as a Pod with a grace period or one with finalizers, costs another run: the API
    /// server answers with a version in which somebody else may have changed it, too. With [`Deletion::unchanged`] it does not.
    ///
    /// # Errors
    /// See [`WriteError`]. An object that is gone already is no error.
    pub async fn delete(&self, name: &str) -> Result<bool, WriteError> {
        self.delete_with(name, Deletion::default()).await
    }

    /// Like [`Handle::delete`], in this namespace: for the secondaries of a cluster-scoped primary.
    ///
    /// # Errors
    /// As of [`Handle::delete`].
    pub async fn delete_in(&self, namespace: &str, name: &str) -> Result<bool, WriteError> {
        self.delete_with(name, Deletion::default().in_namespace(namespace)).await
    }

    /// Like [`Handle::delete`], with a say in how.
    ///
    /// # Errors
    /// As of [`Handle::delete`], and [`WriteError::Outdated`] with [`Deletion::unchanged`].
    pub async fn delete_with(&self, name: &str, deletion: Deletion) -> Result<bool, WriteError> {
        self.delete_key(&self.key(deletion.namespace(), name), &deletion).await
    }

    /// Deletes every object of this secondary that the run sees, except those of these names; returns how many. Nothing is
    /// deleted that the primary does not control, unless this operator has applied it; and no other incarnation than the one
    /// that the run sees.
    ///
    /// ```no_run
    /// # async fn prune(maps: steersman::Handle<k8s_openapi::api::core::v1::ConfigMap>) -> Result<(), steersman::WriteError> {
    /// maps.prune(["web-config", "web-env"]).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// As of [`Handle::delete`], of the first that fails.
    pub async fn prune<N: AsRef<str>>(&self, keep: impl IntoIterator<Item = N>) -> Result<usize, WriteError> {
        let keep: Vec<N> = keep.into_iter().collect();
        let records = self.run.sight().view().secondaries[self.secondary].clone();
        let kept = |record: &Record| keep.iter().any(|name| name.as_ref() == record.key.name());
        let mut count = 0;
        for record in records.iter().filter(|record| !record.deleting && !kept(record) && self.is_ours(record)) {
            count += usize::from(self.delete_key(&record.key, &Deletion::default()).await?);
        }
        Ok(count)
    }

    /// All objects of this secondary, as the run sees them now; more than one even where `one` is declared.
    pub fn all(&self) -> Secondaries<K> {
        self.run.sight().view().many(self.secondary)
    }

    /// Whether the primary controls the object, or this operator has applied it: what is merely related may be somebody else's.
    fn is_ours(&self, record: &Record) -> bool {
        let controlled = record.controller().is_some_and(|owner| owner.uid == self.run.primary().uid);
        controlled || record.owned(&self.run.member.field_manager, "").is_some()
    }

    async fn patch_key(&self, key: &Key, patch: impl Serialize + Send) -> Result<Arc<K>, WriteError> {
        let patch = serde_json::to_value(patch).map_err(unserializable::<K>)?;
        self.answer(other::patch(&self.run, self.index(), key, &patch).await)
    }

    async fn delete_key(&self, key: &Key, deletion: &Deletion) -> Result<bool, WriteError> {
        self.run.poison_on_error(delete::delete(&self.run, self.index(), key, deletion).await)
    }

    fn index(&self) -> usize {
        self.secondary + 1
    }

    fn key(&self, namespace: Option<&str>, name: &str) -> Key {
        let primary = self.run.primary();
        let namespace = namespace.or(primary.key.namespace());
        Key::new(namespace.filter(|_| K::info().namespaced), name)
    }

    fn answer(&self, answer: Result<Arc<Record>, WriteError>) -> Result<Arc<K>, WriteError> {
        self.run.poison_on_error(answer).map(|record| typed(&record))
    }
}

fn json<K: Kind>(desired: &K) -> Result<serde_json::Value, WriteError> {
    desired.to_json().map_err(unserializable::<K>)
}

fn unserializable<K: Kind>(source: serde_json::Error) -> WriteError {
    let info = K::info();
    WriteError::Serialize { kind: info.kind.to_string(), source: without_value(&info, source) }
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
