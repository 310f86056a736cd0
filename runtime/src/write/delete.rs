//! Deletes of secondaries that the run sees.

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;

use super::refusal::Refusal;
use super::request::{Verb, Write};
use super::state::RunState;
use crate::core::key::Key;
use crate::error::WriteError;

const BACKGROUND: &str = "Background";

/// How to delete.
///
/// Always that incarnation of the object that the run sees, and no other of its name.
///
/// ```
/// use std::time::Duration;
/// use steersman::Deletion;
///
/// let patiently = Deletion::foreground().grace_period(Duration::from_secs(60));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub struct Deletion {
    propagation: &'static str,
    grace: Option<Duration>,
    unchanged: bool,
    namespace: Option<String>,
}

impl Deletion {
    /// What depends on the object is deleted after it: the default.
    pub fn background() -> Self {
        Self { propagation: BACKGROUND, grace: None, unchanged: false, namespace: None }
    }

    /// What depends on the object is deleted before it; the object stays, being deleted, until then.
    pub fn foreground() -> Self {
        Self { propagation: "Foreground", ..Self::background() }
    }

    /// What depends on the object stays, without its owner reference.
    pub fn orphan() -> Self {
        Self { propagation: "Orphan", ..Self::background() }
    }

    /// The time that a Pod gets to end, in whole seconds; the default is what the object says. Other kinds have none.
    pub fn grace_period(self, time: Duration) -> Self {
        Self { grace: Some(time), ..self }
    }

    /// Only in the version that the run sees: if anybody has changed the object since, it stays, and the error is
    /// [`WriteError::Outdated`].
    pub fn unchanged(self) -> Self {
        Self { unchanged: true, ..self }
    }

    /// Whether it adds nothing to a deletion that goes on already.
    fn adds_nothing(&self) -> bool {
        self.propagation == BACKGROUND && self.grace.is_none()
    }

    /// In this namespace; the default is that of the primary. For the secondaries of a cluster-scoped primary.
    pub fn in_namespace(self, namespace: impl Into<String>) -> Self {
        Self { namespace: Some(namespace.into()), ..self }
    }

    pub(super) fn namespace(&self) -> Option<&str> {
        self.namespace.as_deref()
    }
}

impl Default for Deletion {
    fn default() -> Self {
        Self::background()
    }
}

/// Deletes the secondary under `key`, if the run sees one; returns whether it did.
pub(super) async fn delete(
    run: &Arc<RunState>,
    index: usize,
    key: &Key,
    deletion: &Deletion,
) -> Result<bool, WriteError> {
    let Some(seen) = run.sight().find(index, key).cloned() else { return Ok(false) };
    if seen.deleting && deletion.adds_nothing() {
        return Ok(false);
    }
    let mut body = json!({
        "apiVersion": "v1", "kind": "DeleteOptions", "propagationPolicy": deletion.propagation,
        "preconditions": { "uid": seen.uid.to_string() },
    });
    if deletion.unchanged {
        body["preconditions"]["resourceVersion"] = seen.version().to_string().into();
    }
    if let Some(grace) = deletion.grace {
        body["gracePeriodSeconds"] = grace.as_secs().into();
    }
    let write = Write { index, key: key.clone(), verb: Verb::Delete, subresource: "", body, removes: Some(seen.uid) };
    match write.send(run).await {
        // Finalizers, or a grace period, may keep it for now: then the answer is the object, being deleted.
        Ok(answer) => {
            let proven = answer.is_nothing() || deletion.unchanged;
            run.answered(index, key, answer, proven);
        }
        // What we saw is gone.
        Err(Refusal::Gone) => run.sight().answered(index, key, None, true),
        Err(Refusal::Outdated) => return Err(WriteError::Outdated { object: run.object_name(index, key) }),
        Err(Refusal::Other(error)) => return Err(error),
    }
    Ok(true)
}
