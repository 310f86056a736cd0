//! One run, as the generated context holds it.

use std::fmt;
use std::sync::Arc;

use kube::Client;
use serde::Serialize;

use super::events::{Event, Reference, Report};
use super::handle::{Handle, typed};
use super::read::ReadHandle;
use super::state::RunState;
use super::status;
use crate::core::fingerprint::PRIMARY;
use crate::error::WriteError;
use crate::kind::Kind;
use crate::snapshot::View;
use crate::trigger::Triggers;

/// One run of an operator: what the generated context wraps.
#[derive(Clone)]
#[doc(hidden)]
pub struct Run(pub(crate) Arc<RunState>);

impl Run {
    /// What the run sees now: the state that it started from, and the answers of its own writes.
    pub fn view(&self) -> View {
        self.0.sight().view().clone()
    }

    /// The handle of the secondary with this index.
    pub fn handle<K: Kind>(&self, secondary: usize) -> Handle<K> {
        Handle::new(self.0.clone(), secondary)
    }

    /// The handle of the secondary with this index, which may not be written.
    pub fn read_handle<K: Kind>(&self, secondary: usize) -> ReadHandle<K> {
        ReadHandle::new(self.0.clone(), secondary)
    }

    /// All primaries of the operator, as the cache holds them now.
    pub fn primaries<P: Kind>(&self) -> Vec<Arc<P>> {
        self.0
            .member
            .shared
            .world()
            .all_primaries(self.0.member.id)
            .iter()
            .filter_map(|p| p.object().cloned())
            .collect()
    }

    /// The client, for what is not declared.
    pub fn client(&self) -> Client {
        self.0.member.api.client.clone()
    }

    /// Why this run takes place.
    pub fn triggers(&self) -> &Triggers {
        &self.0.triggers
    }

    /// Tells an event about the primary.
    pub fn event(&self, event: Event) {
        let primary = self.0.primary();
        let regarding = Reference {
            namespace: primary.key.namespace().map(str::to_owned),
            name: primary.key.name().to_owned(),
            uid: Some(primary.uid.to_string()),
            ..Reference::of(&self.0.member.kinds[PRIMARY])
        };
        let controller = self.0.member.reporting_controller.clone();
        self.0.member.shared.reporter.report(Report { regarding: regarding.into(), controller, event }, primary.rv);
    }

    /// Applies the status of the primary.
    ///
    /// # Errors
    /// See [`WriteError`].
    pub async fn apply_status<P: Kind, S: Serialize + Send>(&self, status: S) -> Result<Arc<P>, WriteError> {
        let status = serde_json::to_value(status)
            .map_err(|source| WriteError::Serialize { kind: format!("{} status", P::info().kind), source })?;
        self.0.poison_on_error(status::apply(&self.0, status).await).map(|record| typed(&record))
    }
}

impl fmt::Debug for Run {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Run")
            .field("operator", &self.0.member.name)
            .field("primary", &self.0.primary().key)
            .field("triggers", &self.0.triggers)
            .finish_non_exhaustive()
    }
}
