//! One run, as the user's code holds it.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use kube::Client;
use serde::Serialize;

use super::handle::Handle;
use super::status;
use crate::core::fingerprint::{PRIMARY, Sight};
use crate::core::key::Key;
use crate::core::queue::EntryId;
use crate::core::raw::RawMeta;
use crate::core::record::Record;
use crate::core::world::{OperatorId, Task};
use crate::error::{ObjectName, WriteError};
use crate::kind::{Kind, KindInfo};
use crate::projection::Projection;
use crate::shared::Shared;
use crate::snapshot::View;
use crate::stats::Stats;
use crate::trigger::Triggers;

/// What runs need to know of their operator.
#[derive(Debug)]
pub(crate) struct Member {
    pub(crate) id: OperatorId,
    pub(crate) name: &'static str,
    pub(crate) field_manager: String,
    pub(crate) finalizer: Option<&'static str>,
    /// At index 0 of the primary, then of each secondary.
    pub(crate) kinds: Vec<KindInfo>,
    /// Which secondaries are declared `one`.
    pub(crate) ones: Vec<bool>,
    /// All projections of the cache at each index: an answer is taken for what the watch would have shown.
    pub(crate) projections: Vec<Arc<[Projection]>>,
    pub(crate) stats: Stats,
    pub(crate) shared: Arc<Shared>,
}

/// The state of one run.
#[derive(Debug)]
pub(crate) struct RunState {
    pub(crate) member: Arc<Member>,
    pub(crate) id: EntryId,
    pub(crate) task: Task,
    pub(crate) triggers: Triggers,
    sight: Mutex<Sight>,
}

impl RunState {
    pub(crate) fn new(member: Arc<Member>, id: EntryId, task: Task, triggers: Triggers, sight: Sight) -> Self {
        Self { member, id, task, triggers, sight: Mutex::new(sight) }
    }

    /// What the run sees. The lock is never held across an await.
    pub(crate) fn sight(&self) -> MutexGuard<'_, Sight> {
        self.sight.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The primary as the run sees it.
    pub(crate) fn primary(&self) -> Arc<Record> {
        self.sight().view().primary.clone()
    }

    /// The primary as errors name it.
    pub(crate) fn primary_name(&self) -> ObjectName {
        self.object_name(PRIMARY, &self.primary().key)
    }

    pub(crate) fn object_name(&self, index: usize, key: &Key) -> ObjectName {
        ObjectName::new(&self.member.kinds[index], key)
    }

    /// Takes the answer of a write of the object at `index`: into what the run sees, and into the caches of everybody.
    pub(crate) fn answered(
        &self,
        index: usize,
        key: &Key,
        verb: &'static str,
        json: &str,
        proven: bool,
    ) -> Result<Arc<Record>, WriteError> {
        let kind = &self.member.kinds[index];
        let record = RawMeta::parse(json).and_then(|meta| {
            Record::decode(kind, &self.member.projections[index], meta, json).map_err(|undecodable| undecodable.error)
        });
        let record = record.map(Arc::new).map_err(|source| {
            let object = self.object_name(index, key);
            WriteError::Answer { verb, object, source }
        })?;
        self.sight().answered(index, key, Some(record.clone()), proven);
        let (id, answer) = (self.member.id, record.clone());
        self.member.shared.change(|world, now| world.answered(id, index, answer, now));
        Ok(record)
    }

    /// After an error, another run looks at everything again, even if the user swallows it.
    pub(crate) fn poison_on_error<T>(&self, result: Result<T, WriteError>) -> Result<T, WriteError> {
        if result.is_err() {
            self.sight().poison();
        }
        result
    }
}

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

    /// The client, for what is not declared.
    pub fn client(&self) -> Client {
        self.0.member.shared.client.clone()
    }

    /// Why this run takes place.
    pub fn triggers(&self) -> &Triggers {
        &self.0.triggers
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

/// The typed object of an answer, which the handle's own kind has decoded.
pub(super) fn typed<K: Kind>(record: &Record) -> Arc<K> {
    record.object().cloned().expect("an answer is decoded as the kind of its handle")
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
