//! One run: what it sees, and how it learns from the answers of its writes.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::core::fingerprint::{PRIMARY, Sight};
use crate::core::key::Key;
use crate::core::queue::EntryId;
use crate::core::raw::RawMeta;
use crate::core::record::{Record, Undecodable};
use crate::core::world::{OperatorId, Task};
use crate::error::{ObjectName, WriteError};
use crate::kind::KindInfo;
use crate::projection::Projection;
use crate::shared::Shared;
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
        let record = self.decode(index, key, json).map(Arc::new).map_err(|source| {
            let object = self.object_name(index, key);
            WriteError::Answer { verb, object, source }
        })?;
        self.sight().answered(index, key, Some(record.clone()), proven);
        let (id, answer) = (self.member.id, record.clone());
        self.member.shared.change(|world, now| world.answered(id, index, answer, now));
        Ok(record)
    }

    /// The answer as a record. Where its Rust type does not take it, with the last good copy, as the watch would have it.
    fn decode(&self, index: usize, key: &Key, json: &str) -> Result<Record, serde_json::Error> {
        let projections = &self.member.projections[index];
        let decoded = Record::decode(&self.member.kinds[index], projections, RawMeta::parse(json)?, json);
        decoded.or_else(|undecodable| {
            let Undecodable { meta, error } = *undecodable;
            let record =
                Record::undecodable(meta, projections.len(), self.sight().find(index, key).map(|held| &**held));
            if record.is_decoded() { Ok(record) } else { Err(error) }
        })
    }

    /// After an error that may hide a foreign change, another run looks at everything again, even if the user swallows it.
    pub(crate) fn poison_on_error<T>(&self, result: Result<T, WriteError>) -> Result<T, WriteError> {
        if result.as_ref().is_err_and(WriteError::may_hide_a_change) {
            self.sight().poison();
        }
        result
    }
}
