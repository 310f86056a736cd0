//! One run: what it sees, and how it learns from the answers of its writes.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::watch;

use super::account::RunCounts;
use super::noop::live;
use super::request::{Answer, Write};
use crate::api::Api;
use crate::core::finalizers::Finalizers;
use crate::core::fingerprint::{PRIMARY, Sight, Suspect};
use crate::core::key::{Key, Version};
use crate::core::queue::EntryId;
use crate::core::raw::RawMeta;
use crate::core::record::{Asked, Record, Undecodable};
use crate::core::world::{OperatorId, Task, World};
use crate::error::{ErrorPolicy, ObjectName, WriteError};
use crate::kind::KindInfo;
use crate::matcher::{Difference, first_difference};
use crate::secondary::Secondary;
use crate::shared::Shared;
use crate::stats::Stats;
use crate::trigger::Triggers;

/// How long the next run waits until the watches show what this one has written, where versions cannot be compared.
const SHOWN: Duration = Duration::from_secs(5);

/// What runs need to know of their operator.
#[derive(Debug)]
pub(crate) struct Member {
    pub(crate) id: OperatorId,
    pub(crate) name: &'static str,
    pub(crate) field_manager: String,
    /// The same, as events name it.
    pub(crate) reporting_controller: Arc<str>,
    pub(crate) finalizers: Finalizers,
    /// At index 0 of the primary, then of each secondary.
    pub(crate) kinds: Vec<KindInfo>,
    /// As they are declared.
    pub(crate) secondaries: Box<[Secondary]>,
    /// What is asked of the objects of the cache at each index: an answer is taken for what the watch would have shown.
    pub(crate) asked: Vec<Asked>,
    pub(crate) stats: Stats,
    pub(crate) error_policy: ErrorPolicy,
    /// Its way to the API server.
    pub(crate) api: Api,
    pub(crate) shared: Arc<Shared>,
}

/// The state of one run.
#[derive(Debug)]
pub(crate) struct RunState {
    pub(crate) member: Arc<Member>,
    pub(crate) id: EntryId,
    pub(crate) task: Task,
    pub(crate) triggers: Triggers,
    pub(crate) counts: RunCounts,
    sight: Mutex<Sight>,
    /// The number of requests that the run has dropped before their answers.
    abandoned: watch::Sender<usize>,
    /// What the watches have to show before the next run, because nobody can tell whether they have come so far.
    awaited: Mutex<Vec<(usize, Key, Version)>>,
}

/// One request that goes on without its run.
#[derive(Debug)]
pub(super) struct Abandoned(Arc<RunState>);

impl Drop for Abandoned {
    fn drop(&mut self) {
        self.0.abandoned.send_modify(|count| *count -= 1);
    }
}

impl Member {
    /// The declaration of the secondary at an index; none of the primary.
    pub(crate) fn secondary(&self, index: usize) -> Option<&Secondary> {
        self.secondaries.get(index.checked_sub(1)?)
    }

    /// Whether an apply at an index takes over the fields of other managers. A status is the operator's own.
    pub(super) fn forces(&self, index: usize) -> bool {
        self.secondary(index).is_none_or(|secondary| secondary.force)
    }
}

impl RunState {
    pub(crate) fn new(member: Arc<Member>, id: EntryId, task: Task, triggers: Triggers, sight: Sight) -> Self {
        Self {
            member,
            id,
            task,
            triggers,
            counts: RunCounts::new(),
            sight: Mutex::new(sight),
            abandoned: watch::Sender::new(0),
            awaited: Mutex::default(),
        }
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

    /// Whether the deletion of the primary has begun, or is over, though the run is not its cleanup.
    pub(super) fn is_over(&self) -> bool {
        let primary = self.primary();
        let world = self.member.shared.world();
        let known = world.view_of(self.member.id, PRIMARY, &primary.key);
        self.task != Task::Cleanup && known.is_none_or(|known| known.uid != primary.uid || known.deleting)
    }

    pub(crate) fn object_name(&self, index: usize, key: &Key) -> ObjectName {
        ObjectName::new(&self.member.kinds[index], key)
    }

    /// Takes the answer of a write into what the run sees; the caches have it already. `None`: the object is gone.
    pub(super) fn answered(&self, index: usize, key: &Key, answer: Answer, proven: bool) -> Option<Arc<Record>> {
        let record = match answer {
            Answer::Object(record) => Some(record),
            Answer::Nothing => None,
        };
        self.sight().answered(index, key, record.clone(), proven);
        record
    }

    /// The answer to a write as a record. Where its Rust type does not take it, with the last good copy, as the watch would
    /// have it.
    pub(super) fn decode(&self, write: &Write, json: &str) -> Result<Record, serde_json::Error> {
        let asked = &self.member.asked[write.index];
        let decoded =
            Record::decode(&self.member.kinds[write.index], asked, RawMeta::parse(json, &asked.namings)?, json);
        decoded.or_else(|undecodable| {
            let Undecodable { meta, error } = *undecodable;
            let sight = self.sight();
            let record = Record::undecodable(meta, asked, sight.find(write.index, &write.key).map(|held| &**held));
            if record.is_decoded() { Ok(record) } else { Err(error) }
        })
    }

    /// After an error that may hide a foreign change, another run looks at everything again, even if the user swallows it.
    pub(super) fn poison_on_error<T>(&self, result: Result<T, WriteError>) -> Result<T, WriteError> {
        match &result {
            Err(error) if error.is_unknown() => self.sight().lose(),
            Err(error) if error.may_hide_a_change() => self.sight().poison(),
            _ => {}
        }
        result
    }

    /// Says that the run provokes itself: that it has been followed by another one, so many times in a row, for nothing but
    /// what it has written.
    pub(crate) fn tell_of_provocation(&self, times: u32) {
        let sight = self.sight();
        let suspect = sight.suspect();
        let written = suspect.and_then(|Suspect { index, before, after }| {
            let kind = &self.member.kinds[*index];
            let object = self.object_name(*index, &after.as_ref().or(before.as_ref())?.key);
            let live = |record: &Option<Arc<Record>>| live(kind, record.as_ref()?);
            let difference = first_difference(kind, &live(before)?, &live(after)?);
            let difference = difference.map_or_else(
                || "its resourceVersion alone".to_owned(),
                |Difference { path, desired, live }| {
                    let value = |value: Option<String>| value.unwrap_or_else(|| "nothing".to_owned());
                    format!("{path} from {} to {}", value(desired), value(live))
                },
            );
            Some(format!("{object}: {difference}"))
        });
        tracing::warn!(
            operator = self.member.name, primary = %sight.view().primary.key, times,
            written = %written.as_deref().unwrap_or("unknown, because of errors that were swallowed"),
            "runs provoke each other by what they write; leave out of the predicate what the operator itself writes, or write \
             the same in each run"
        );
    }

    /// Notes that a request goes on without the run, until the result is dropped.
    pub(super) fn abandon(self: &Arc<Self>) -> Abandoned {
        self.abandoned.send_modify(|count| *count += 1);
        Abandoned(self.clone())
    }

    /// Tells the caches of an answer. Where its version cannot be compared with what the watch shows, the caches have no use
    /// for it: then the next run waits until the watch shows it.
    pub(super) fn tell(&self, write: &Write, record: &Arc<Record>) {
        if record.opaque.is_some() {
            self.forget(write);
            let awaited = (write.index, record.key.clone(), record.version());
            self.awaited.lock().unwrap_or_else(PoisonError::into_inner).push(awaited);
            return;
        }
        let (id, index, answer) = (self.member.id, write.index, record.clone());
        self.member.shared.change(|world, now| world.answered(id, index, answer, now));
    }

    /// What the same object was to be shown as before this write is not awaited any more.
    pub(super) fn forget(&self, write: &Write) {
        let mut awaited = self.awaited.lock().unwrap_or_else(PoisonError::into_inner);
        awaited.retain(|(index, key, _)| *index != write.index || *key != write.key);
    }

    /// Waits until all requests of the run have been answered, or given up: what they still do must not come after what the
    /// next run decides. The time that an answer may take limits the wait. Then until the watches show what it has written, as
    /// far as that is to be waited for.
    pub(crate) async fn settled(&self) {
        let _ = self.abandoned.subscribe().wait_for(|count| *count == 0).await;
        let awaited = std::mem::take(&mut *self.awaited.lock().unwrap_or_else(PoisonError::into_inner));
        let id = self.member.id;
        let shown = |world: &World| {
            let is_shown = |(index, key, version): &(usize, Key, Version)| {
                world.view_of(id, *index, key).is_some_and(|record| record.version() == *version)
            };
            awaited.iter().all(is_shown).then_some(())
        };
        if !awaited.is_empty() && self.member.shared.wait_for(SHOWN, shown).await.is_none() {
            tracing::debug!(
                seconds = SHOWN.as_secs(),
                "the watches have not shown what was written; others may have written since"
            );
        }
    }
}
