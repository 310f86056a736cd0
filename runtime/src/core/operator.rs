//! One operator's part of the world: its primaries, and whose turn it is.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rustc_hash::FxHashSet;

use super::account::Effects;
use super::cache::Change;
use super::fetching::Fetch;
use super::finalizers::Finalizers;
use super::fingerprint::{PRIMARY, REFUSED, Sight};
use super::key::Uid;
use super::primaries::{Effect, Primaries, Primary};
use super::queue::{EntryId, Finish, Flags, Next, Queue};
use super::record::Record;
use super::rules::{Rule, holds};
use super::world::{OperatorId, Outcome, Source, Task, Ticket};
use crate::debounce::Debounce;
use crate::trigger::{Trigger, Triggers};

/// One operator's part of the world.
#[derive(Debug)]
pub(super) struct OperatorState {
    pub(super) name: &'static str,
    pub(super) finalizers: Finalizers,
    pub(super) secondaries: Vec<(&'static str, bool)>,
    /// How long a change of the primary, then of each secondary, waits for further ones.
    pub(super) debounces: Vec<Debounce>,
    /// Which of them may be missing.
    pub(super) optional: Vec<bool>,
    pub(super) sources: Vec<Source>,
    pub(super) primaries: Primaries,
    pub(super) queue: Queue,
    /// All caches were complete once, and every primary has been queued for its first run.
    pub(super) started: bool,
    /// Those whose turn has come, and that wait for an object which is being fetched.
    pub(super) held: Held,
    pub(super) running: usize,
    pub(super) limit: usize,
    /// What the changes at each index have meant.
    pub(super) effects: Box<[Effects]>,
}

/// Who waits for what is being fetched.
#[derive(Debug, Default)]
pub(super) struct Held {
    waiting: FxHashSet<EntryId>,
    /// May name some that wait no longer.
    by_fetch: HashMap<Fetch, Vec<EntryId>>,
}

impl Held {
    fn insert(&mut self, id: EntryId, until: &[Fetch]) {
        self.waiting.insert(id);
        for fetch in until {
            let ids = self.by_fetch.entry(fetch.clone()).or_default();
            if ids.last() != Some(&id) {
                ids.push(id);
            }
        }
    }

    fn remove(&mut self, id: EntryId) -> bool {
        self.waiting.remove(&id)
    }

    pub(super) fn len(&self) -> usize {
        self.waiting.len()
    }

    fn take(&mut self, fetch: &Fetch) -> Vec<EntryId> {
        let mut ids = self.by_fetch.remove(fetch).unwrap_or_default();
        ids.retain(|id| self.waiting.remove(id));
        ids
    }
}

impl OperatorState {
    /// Counts whether a change at an index has moved a fingerprint, by what the primaries made of it.
    pub(super) fn count(&mut self, index: usize, change: &Change, effects: &[Effect]) {
        let is_move =
            |effect: &&Effect| !matches!(effect, Effect::Released { .. } | Effect::Reaches { .. } | Effect::Unmoved(_));
        let moves = effects.iter().filter(is_move);
        let print = |record: &Arc<Record>| record.fingerprints[self.sources[index].projection];
        let print = |record: &Option<Arc<Record>>| record.as_ref().map(print).filter(|print| *print != REFUSED);
        // Of a primary, every change is told, since it may be an edit; that of a name it refers to is told beside it.
        let moved = match index {
            PRIMARY => print(&change.old) != print(&change.new) || moves.count() > 1,
            _ => moves.count() > 0,
        };
        let counted = &mut self.effects[index];
        *(if moved { &mut counted.moved } else { &mut counted.unmoved }) += 1;
    }

    pub(super) fn carry_out(&mut self, effect: Effect, now: Instant) {
        match effect {
            Effect::Appeared(id) => {
                self.queue.insert(id);
                self.judge(id, now);
            }
            Effect::Moved { id, edited } => {
                // What it waits for may be of no interest any more.
                if self.held.remove(id) {
                    self.queue.wake(id, true, Duration::ZERO, now);
                }
                if edited {
                    self.queue.reset_backoff(id, now);
                }
                self.judge(id, now);
            }
            Effect::Unmoved(id) => self.settle(id, now),
            Effect::Vanished(id) => {
                if self.primaries.entry(id).is_some_and(|entry| entry.running.is_none()) {
                    self.primaries.forget(id);
                    self.queue.remove(id);
                }
            }
            Effect::Released { .. } | Effect::Reaches { .. } => {}
        }
    }

    /// Has a primary wait whose turn has come, with all that it was woken for.
    pub(super) fn hold(&mut self, id: EntryId, flags: Flags, until: &[Fetch]) {
        self.queue.put_back(id, flags);
        self.held.insert(id, until);
    }

    /// Has those look again whether they may run that wait for this object.
    pub(super) fn let_go(&mut self, fetch: &Fetch, now: Instant) {
        for id in self.held.take(fetch) {
            self.queue.wake(id, true, Duration::ZERO, now);
        }
    }

    /// Wakes a primary if and only if something differs from what its last successful run saw.
    fn judge(&mut self, id: EntryId, now: Instant) {
        if !self.started && holds(Rule::CompleteFirst) {
            return;
        }
        let Some(primary) = self.primaries.primary(id) else { return };
        let fingerprints = &primary.fingerprints;
        // A failed run has to be repeated even if all is again as the one before it saw it, and that may be worth a try.
        if fingerprints.differs() || fingerprints.is_unsettled() {
            let debounce = shortest_debounce(&self.debounces, primary);
            self.queue.wake(id, fingerprints.is_news(), debounce, now);
        }
    }

    /// Ends a wait for further changes sooner if what is there now asks for less of it.
    fn settle(&mut self, id: EntryId, now: Instant) {
        // Hardly any waits: only then are the user's functions asked.
        if let Some(primary) = self.primaries.primary(id).filter(|_| self.queue.is_debounced(id)) {
            self.queue.hasten(id, shortest_debounce(&self.debounces, primary), now);
        }
    }

    /// The end of a run: what it saw, and how it went. Returns how many runs in a row, this one included, have made another
    /// one follow by what they wrote themselves.
    pub(super) fn finish(&mut self, id: EntryId, sight: &Sight, uid: Uid, outcome: Outcome, now: Instant) -> u32 {
        self.running -= 1;
        let Some(entry) = self.primaries.entry_mut(id) else { return 0 };
        entry.running = None;
        let Some(primary) = &mut entry.primary else {
            self.primaries.forget(id);
            self.queue.remove(id);
            return 0;
        };
        if primary.record.uid != uid && holds(Rule::SameIncarnation) {
            // Another object has taken the name while the run went on: its first run is due.
            let debounce = shortest_debounce(&self.debounces, primary);
            self.queue.finish(id, Finish::Vain, Next::Wake { debounce }, now);
            return 0;
        }
        let finish = match outcome {
            Outcome::Failed => Finish::Failed,
            Outcome::Unreachable { after } => Finish::Unreachable { after },
            Outcome::FailedFor { wait } => Finish::FailedFor { wait },
            Outcome::Terminal => Finish::Terminal,
            Outcome::Done { requeue } => Finish::Full { requeue },
            Outcome::Handled { requeue } => Finish::Split { requeue },
        };
        let fingerprints = &mut primary.fingerprints;
        let failed = matches!(outcome, Outcome::Failed | Outcome::FailedFor { .. } | Outcome::Unreachable { .. });
        match outcome {
            _ if failed => fingerprints.failed(sight),
            Outcome::Terminal if holds(Rule::TerminalSettles) => fingerprints.gave_up(sight),
            Outcome::Terminal => fingerprints.failed(sight),
            _ => fingerprints.succeeded(sight),
        }
        let fingerprints = &primary.fingerprints;
        // A poisoned run is repeated like a failed one: if each of them is poisoned, they must not follow at once for ever.
        let next = if failed || sight.is_poisoned() {
            Next::Retry { news: fingerprints.is_news() }
        } else if fingerprints.differs() && holds(Rule::JudgedAtTheEnd) {
            Next::Wake { debounce: shortest_debounce(&self.debounces, primary) }
        } else {
            Next::Rest
        };
        let poisonings = fingerprints.poisonings();
        self.queue.finish(id, finish, next, now);
        poisonings
    }

    /// Decides again, now that the primary's turn has come, whether it has to run, and what.
    pub(super) fn begin(&mut self, operator: OperatorId, id: EntryId, flags: Flags) -> Option<Ticket> {
        let view = self.primaries.view(self.primaries.primary(id)?);
        let layout = self.primaries.layout().clone();
        let entry = self.primaries.entry_mut(id)?;
        let primary = entry.primary.as_mut()?;
        let differing: Vec<usize> = primary.fingerprints.differing().collect();
        let retry = flags.retry && (holds(Rule::RetryAnyway) || !differing.is_empty());
        let flags = Flags { retry, ..flags };
        let due = flags.any() || !differing.is_empty() || !holds(Rule::JudgedWhenTaken);
        if !due || !primary.record.is_decoded() {
            return None;
        }
        let sight = Sight::new(view, layout, primary.fingerprints.is_unsure());
        let waits = self.finalizers.hold(&primary.record.finalizers) || !holds(Rule::LeavingLeftAlone);
        if primary.record.deleting && !waits {
            // It is going away, and nothing here waits for us: writing now would only work against the garbage collector.
            primary.fingerprints.gave_up(&sight);
            return None;
        }
        let handler = |&index: &usize| index.checked_sub(1).filter(|&secondary| self.secondaries[secondary].1);
        let handlers: Vec<usize> = differing.iter().filter_map(handler).collect();
        let all = handlers.len() == differing.len() || !holds(Rule::HandlersForAll);
        let task = match flags.any() && holds(Rule::HandlersForChanges) {
            _ if primary.record.deleting => Task::Cleanup,
            false if all && !handlers.is_empty() => Task::Handle(handlers),
            _ => Task::Reconcile,
        };
        let news = primary.fingerprints.news_of_retry();
        let causes = news.as_deref().unwrap_or(&differing);
        let triggers = triggers(flags, primary.fingerprints.is_fresh(), causes, &self.secondaries);
        entry.running = Some(primary.record.uid);
        let failures = self.queue.failures(id);
        Some(Ticket { operator, id, uid: primary.record.uid, task, triggers, failures, sight })
    }
}

/// Nothing waits for what declares a longer debounce.
fn shortest_debounce(debounces: &[Debounce], primary: &Primary) -> Duration {
    let objects = |index: usize| match index.checked_sub(1) {
        None => std::slice::from_ref(&primary.record),
        Some(secondary) => &primary.secondaries[secondary],
    };
    primary.fingerprints.differing().map(|index| debounces[index].wait(objects(index))).min().unwrap_or_default()
}

fn triggers(flags: Flags, fresh: bool, causes: &[usize], secondaries: &[(&'static str, bool)]) -> Triggers {
    let changed = causes.iter().map(|&index| match index.checked_sub(1) {
        None => Trigger::Primary,
        Some(secondary) => Trigger::Secondary(secondaries[secondary].0),
    });
    // What has never been seen differs in everything; only the reason for the first look is worth a word.
    let changed: Vec<Trigger> = match (fresh, flags.startup) {
        (true, true) => Vec::new(),
        (true, false) => vec![Trigger::Primary],
        (false, _) => changed.collect(),
    };
    let asked = [
        (flags.startup, Trigger::Startup),
        (flags.resync, Trigger::Resync),
        (flags.requeue, Trigger::Requeue),
        (flags.retry, Trigger::Retry),
        (flags.external, Trigger::External),
    ];
    changed.into_iter().chain(asked.into_iter().filter(|(set, _)| *set).map(|(_, trigger)| trigger)).collect()
}
