//! What an operator has done so far, counted.

mod counters;
mod wake_ups;

use std::collections::BTreeMap;
use std::sync::{Arc, Weak};
use std::time::Duration;

pub use crate::core::account::{RunResult, RunTask};
use crate::core::world::OperatorId;
use crate::operator::Declaration;
use crate::shared::Shared;
use crate::trigger::Triggers;
pub(crate) use counters::{Counters, Quarrels, WriteResult};
pub use wake_ups::{WakeUp, WakeUps};

/// Counters of one operator since its start. Cheap to clone; all clones count the same.
///
/// They are always on, whatever the features, and cost a run a few atomic additions. What the watches and the queue count is read
/// from the runtime when it is asked for, and is zero before the [`Manager`](crate::Manager) runs and after it has ended.
#[derive(Clone, Debug)]
pub struct Stats(Arc<Counters>);

/// What the changes of one kind of objects have meant to an operator.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Changes {
    /// Those that have moved a fingerprint: each a reason for a run, if it is not taken back before.
    pub moved: u64,
    /// Those that have moved none, because the predicate does not look at what they change, because they show what an own write
    /// has put into the cache already, or because the object belongs to no primary.
    pub unmoved: u64,
}

impl Stats {
    pub(crate) fn new(declaration: &Declaration) -> Self {
        Self(Arc::new(Counters::new(declaration)))
    }

    /// Runs begun: `reconcile`, split handlers and `cleanup` alike.
    pub fn runs(&self) -> u64 {
        self.0.runs.get()
    }

    /// Runs that ended with an error, a panic or a timeout.
    pub fn failures(&self) -> u64 {
        self.0.failures.get()
    }

    /// Write requests sent by runs, conflicts and refused ones included.
    pub fn writes(&self) -> u64 {
        self.0.writes.get()
    }

    /// Writes that were not sent, because they would have changed nothing.
    pub fn writes_skipped(&self) -> u64 {
        self.0.skipped.iter().map(counters::Counter::get).sum()
    }

    /// Writes that were sent, by what was written, how, and what came of it: the word of
    /// [`Trigger::as_str`](crate::Trigger::as_str), `primary` for its status or finalizers; `apply`, `patch`, `create`, `replace` or
    /// `delete`; `success`, `conflict`, `refused`, `busy` or, without an answer, `unknown`.
    pub fn write_results(&self) -> BTreeMap<(&'static str, &'static str, &'static str), u64> {
        let each = self.0.places.iter().enumerate().flat_map(|(index, place)| {
            self.0.writes_at(index).map(|(verb, result, count)| ((place.name, verb, result.as_str()), count))
        });
        each.filter(|(_, count)| *count > 0).collect()
    }

    /// Runs by trigger; a run with several triggers counts once for each. The words are those of
    /// [`Trigger::as_str`](crate::Trigger::as_str).
    pub fn wake_ups(&self) -> BTreeMap<&'static str, u64> {
        self.0.triggers().filter(|(_, count)| *count > 0).collect()
    }

    /// Runs that have ended, by what ran and how it ended.
    pub fn results(&self) -> BTreeMap<(RunTask, RunResult), u64> {
        self.0.results().filter(|(_, count)| *count > 0).collect()
    }

    /// Runs that have ended so, whatever ran.
    pub fn ended(&self, result: RunResult) -> u64 {
        self.0.results().filter(|((_, other), _)| *other == result).map(|(_, count)| count).sum()
    }

    /// The time that all runs took together; the wait for watches and dropped requests after their end does not count.
    pub fn run_time(&self) -> Duration {
        self.0.durations.iter().map(|durations| durations.read().sum).sum()
    }

    /// Runs that an own write has made another one follow, by the secondary that was written: the words are those of
    /// [`Trigger::as_str`](crate::Trigger::as_str), `primary` for its status or finalizers, and `unknown` where an error was
    /// swallowed. None in a steady state: each is a run that could be saved.
    pub fn provoked(&self) -> BTreeMap<&'static str, u64> {
        self.0.provoked().filter(|(_, count)| *count > 0).collect()
    }

    /// How often it was said that runs of a primary provoke each other by what they write.
    pub fn loops(&self) -> u64 {
        self.0.loops.get()
    }

    /// Writes of an object that somebody else keeps changing, or that is another one in each run.
    pub fn quarrels(&self) -> u64 {
        self.0.quarrels.iter().map(counters::Counter::get).sum()
    }

    /// What the changes that the watches have shown meant, by the words of [`Trigger::as_str`](crate::Trigger::as_str).
    pub fn changes(&self) -> BTreeMap<&'static str, Changes> {
        let Some((shared, id)) = self.running() else { return BTreeMap::new() };
        let effects = shared.world().operator_view(id).effects;
        let changes = effects.iter().map(|effects| Changes { moved: effects.moved, unmoved: effects.unmoved });
        self.0.names().zip(changes).collect()
    }

    /// Events that showed only what an own write had put into the cache before, of all that the operator watches; so do those of
    /// other operators with which it shares a watch. An event that comes before the answer to its write is not counted.
    pub fn own_echoes(&self) -> u64 {
        let Some((shared, id)) = self.running() else { return 0 };
        shared.world().echoes(id)
    }

    /// Primaries that wait for their turn.
    pub fn queued(&self) -> usize {
        let Some((shared, id)) = self.running() else { return 0 };
        shared.world().operator_view(id).turns.depth.iter().sum()
    }

    /// What is remembered of the last runs of one primary: why it was woken, and what came of it. Without a namespace, of a
    /// cluster-scoped one.
    pub fn wake_ups_of<'a>(&self, namespace: impl Into<Option<&'a str>>, name: &str) -> WakeUps {
        WakeUps::look(self, namespace.into(), name)
    }

    pub(crate) fn counters(&self) -> &Counters {
        &self.0
    }

    pub(crate) fn attach(&self, shared: &Arc<Shared>, id: OperatorId) {
        // A builder, and with it its counters, goes to one manager.
        let _ = self.0.running.set((Arc::downgrade(shared), id));
    }

    fn running(&self) -> Option<(Arc<Shared>, OperatorId)> {
        let (shared, id) = self.0.running.get()?;
        Some((Weak::upgrade(shared)?, *id))
    }

    pub(crate) fn run(&self, triggers: &Triggers) {
        self.0.runs.add();
        for trigger in triggers.iter() {
            self.0.wake_ups[self.0.place(trigger)].add();
        }
    }

    pub(crate) fn failure(&self) {
        self.0.failures.add();
    }

    pub(crate) fn end(&self, task: RunTask, result: RunResult, took: Duration) {
        self.0.result(task, result).add();
        self.0.durations[task as usize].add(took);
    }
}
