//! One run: it decides against its own view and writes as `write/*.rs` does, each request and each answer a step of its own.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::super::attempt::{Attempt, Demand, Found};
use super::super::fingerprint::{PRIMARY, Sight};
use super::super::key::{Key, Uid};
use super::super::world::{OperatorId, Outcome, Task, Ticket, World};
use super::known::{Known, Memory};
use super::operator::{BACKWARDS, CLEANUP, HANDLE, Operator, Phase, RECONCILE, Seen, Setting, Want};
use super::rng::Rng;
use super::server::{self, Answer, Left, Object, Refusal, Server};

/// What a run works with.
pub(super) struct Env<'a> {
    pub(super) setting: &'a Setting,
    pub(super) rng: &'a mut Rng,
    pub(super) server: &'a mut Server,
    pub(super) world: &'a mut World,
    pub(super) memory: &'a mut Memory,
    pub(super) now: Instant,
    /// Nothing fails any more that need not.
    pub(super) calm: bool,
}

#[derive(Debug)]
pub(super) struct Run {
    pub(super) ticket: Ticket,
    phases: &'static [Phase],
    at: usize,
    state: State,
    /// Requests that the run has dropped before their answers. The next run waits for them.
    abandoned: Vec<Write>,
}

#[derive(Debug)]
enum State {
    Deciding,
    Sent(Write),
    Answered(Write, Answer),
    /// Until the cache shows something newer than what was refused.
    Waiting(Write),
    /// Until what was abandoned has come to its end.
    Ended(Outcome),
}

/// A write: what for, and on which version it was decided.
#[derive(Clone, Debug)]
struct Write {
    want: Want,
    again: bool,
    attempt: Attempt,
}

impl Run {
    pub(super) fn new(ticket: Ticket, setting: &Setting) -> Self {
        let phases = match ticket.task {
            Task::Reconcile if setting.backwards => BACKWARDS,
            Task::Reconcile => RECONCILE,
            Task::Handle(_) => HANDLE,
            Task::Cleanup => CLEANUP,
        };
        Self { ticket, phases, at: 0, state: State::Deciding, abandoned: Vec::new() }
    }

    fn operator(&self, env: &Env<'_>) -> Operator {
        env.setting.operators[self.ticket.operator.0]
    }

    fn sight(&mut self) -> &mut Sight {
        &mut self.ticket.sight
    }

    fn uid(&self) -> u128 {
        self.ticket.uid.0
    }

    /// Goes one step further; returns how the run ended, if it did.
    pub(super) fn advance(&mut self, env: &mut Env<'_>) -> Option<Outcome> {
        if !self.abandoned.is_empty() && env.rng.one_in(3) {
            self.land(env);
            return None;
        }
        let ended = match std::mem::replace(&mut self.state, State::Deciding) {
            State::Deciding => self.decide(env),
            State::Sent(write) => self.fly(write, env),
            State::Answered(write, _) if env.setting.lossy && !env.calm && env.rng.one_in(20) => {
                // Whatever was done, nobody tells us.
                self.end_delete(&write, false, env);
                self.sight().lose();
                self.error(&write, env)
            }
            State::Answered(write, answer) => self.answered(write, answer, env),
            State::Waiting(write) => self.wait(write, env),
            State::Ended(outcome) => Some(outcome),
        };
        let outcome = ended?;
        if self.abandoned.is_empty() {
            return Some(outcome);
        }
        self.state = State::Ended(outcome);
        None
    }

    /// The request arrives, unless the run drops it on its way.
    fn fly(&mut self, write: Write, env: &mut Env<'_>) -> Option<Outcome> {
        if env.setting.lossy && !env.calm && env.rng.one_in(25) {
            self.abandoned.push(write);
            self.sight().lose();
            // A timeout of the run, or of the user's within it.
            if env.rng.one_in(2) {
                return Some(Outcome::Failed);
            }
            self.at += 1;
            return None;
        }
        let answer = self.execute(&write, env);
        self.state = State::Answered(write, answer);
        None
    }

    /// An abandoned request arrives after all, and its answer: the caches learn of it, the run does not.
    fn land(&mut self, env: &mut Env<'_>) {
        let write = self.abandoned.remove(env.rng.below(self.abandoned.len()));
        let answer = self.execute(&write, env);
        self.end_delete(&write, matches!(answer, Ok(Left::Nothing | Left::Last)), env);
        match answer {
            Ok(Left::Object(object)) => {
                self.learn(&write, &object, env);
            }
            Err(Refusal::Gone) => self.vanished(&write, env),
            _ => {}
        }
    }

    fn decide(&mut self, env: &mut Env<'_>) -> Option<Outcome> {
        if !env.calm && env.rng.one_in(40) {
            let unreachable = Outcome::Unreachable { after: Duration::ZERO };
            return Some(if env.rng.one_in(4) { unreachable } else { Outcome::Failed });
        }
        let operator = self.operator(env);
        let number = self.ticket.operator.0;
        while let Some(&phase) = self.phases.get(self.at) {
            let seen = Seen::by(&self.ticket.sight);
            let (want, again) = operator.want(number, phase, &seen);
            if want == Want::Terminal {
                return Some(Outcome::Terminal);
            }
            if want == Want::Nothing {
                self.at += 1;
                continue;
            }
            let (index, key) = match &want {
                Want::Apply { index, .. } => (*index, seen.primary.key.clone()),
                Want::Delete { index, key, .. } => (*index, key.clone()),
                _ => (PRIMARY, seen.primary.key.clone()),
            };
            let attempt = Attempt::new(&self.ticket.sight, index, key);
            self.attempt(Write { want, again, attempt }, env);
            return None;
        }
        let requeue = (!env.calm && env.rng.one_in(10)).then_some(Duration::from_millis(500));
        Some(match self.ticket.task {
            Task::Handle(_) => Outcome::Handled { requeue },
            Task::Reconcile | Task::Cleanup => Outcome::Done { requeue },
        })
    }

    /// Sends a write, unless it would change nothing.
    fn attempt(&mut self, write: Write, env: &mut Env<'_>) {
        let Self { ticket, .. } = self;
        let noop = write.changes_nothing(ticket.operator.0);
        if noop && env.setting.thrifty && write.attempt.skip(&mut ticket.sight) {
            self.at += usize::from(!write.again);
            return;
        }
        if let Some(uid) = write.removes() {
            env.world.delete_begin(self.ticket.operator, write.index(), write.key(), uid);
        }
        self.state = State::Sent(write);
    }

    fn execute(&self, write: &Write, env: &mut Env<'_>) -> Answer {
        let operator = self.operator(env);
        let (kind, key) = (operator.kind(write.index()), write.key());
        let demand = match write.attempt.demand() {
            Demand::Absent => server::Demand::CreateOnly,
            Demand::Uid(base) => server::Demand::Uid(base.uid.0),
            Demand::Version(base) => server::Demand::Version(base.uid.0, base.rv.0),
        };
        let server = &mut *env.server;
        match write.want {
            Want::Apply { spec, .. } => server.apply(kind, key, spec, (operator.primary, self.uid()), demand),
            Want::Delete { uid, .. } => server.delete(kind, key, uid),
            Want::Status(status) => server.status(kind, key, self.uid(), self.ticket.operator.0, status),
            Want::Finalizer(ours) => server.finalizer(kind, key, ours, demand),
            Want::Nothing | Want::Terminal => Err(Refusal::Other),
        }
    }

    fn answered(&mut self, write: Write, answer: Answer, env: &mut Env<'_>) -> Option<Outcome> {
        self.end_delete(&write, matches!(answer, Ok(Left::Nothing | Left::Last)), env);
        match (answer, &write.want) {
            (Ok(Left::Object(object)), want) => {
                let proven = match want {
                    Want::Apply { .. } | Want::Finalizer(_) => write.attempt.is_proven(&self.ticket.sight),
                    _ => false,
                };
                let record = self.learn(&write, &object, env);
                self.sight().answered(write.index(), write.key(), Some(record), proven);
                self.next(&write)
            }
            (Ok(Left::Nothing | Left::Last), _) => {
                self.sight().answered(write.index(), write.key(), None, true);
                self.next(&write)
            }
            (Err(Refusal::Gone), Want::Delete { .. }) => {
                self.vanished(&write, env);
                self.sight().answered(write.index(), write.key(), None, true);
                self.next(&write)
            }
            (Err(Refusal::Gone | Refusal::Outdated), Want::Apply { .. })
            | (Err(Refusal::Outdated), Want::Finalizer(_)) => {
                self.state = State::Waiting(write);
                None
            }
            (Err(_), _) => self.error(&write, env),
        }
    }

    /// Takes an answer into the caches of everybody.
    fn learn(&self, write: &Write, object: &Arc<Object>, env: &mut Env<'_>) -> Arc<super::super::record::Record> {
        let record = Arc::new(env.setting.record(object));
        let operator = self.ticket.operator;
        let known = Known::Version(record.uid, record.rv);
        env.memory.learn(operator.0, self.uid(), write.index(), write.key(), known);
        env.world.answered(operator, write.index(), record.clone(), env.now);
        record
    }

    fn vanished(&self, write: &Write, env: &mut Env<'_>) {
        if let Some(uid) = write.removes() {
            env.world.vanished(self.ticket.operator, write.index(), write.key(), uid, env.now);
        }
    }

    fn end_delete(&mut self, write: &Write, deleted: bool, env: &mut Env<'_>) {
        let Some(uid) = write.removes() else { return };
        env.world.delete_end(self.ticket.operator, write.index(), write.key(), uid, deleted, env.now);
        if deleted {
            let operator = self.ticket.operator;
            env.memory.learn(operator.0, self.uid(), write.index(), write.key(), Known::Gone(uid));
        }
    }

    fn next(&mut self, write: &Write) -> Option<Outcome> {
        self.at += usize::from(!write.again);
        None
    }

    /// A write failed: the run is poisoned, and fails unless the user swallows the error.
    fn error(&mut self, write: &Write, env: &mut Env<'_>) -> Option<Outcome> {
        self.sight().poison();
        if env.calm || matches!(write.want, Want::Finalizer(_)) || !env.rng.one_in(4) {
            return Some(Outcome::Failed);
        }
        self.at += 1;
        None
    }

    /// After a refusal: decides again on what the cache shows, if that is newer.
    fn wait(&mut self, mut write: Write, env: &mut Env<'_>) -> Option<Outcome> {
        let found = write.attempt.look(env.world, self.ticket.operator, self.ticket.uid);
        let base = match found {
            Some(Found::Base(base)) => base,
            Some(Found::Turned | Found::NotOurs(_)) => return self.error(&write, env),
            None if !env.rng.one_in(6) => {
                self.state = State::Waiting(write);
                return None;
            }
            None if write.attempt.base().is_none() => return self.error(&write, env),
            None => write.attempt.base().cloned(),
        };
        if !write.attempt.again(base) {
            return self.error(&write, env);
        }
        if let (Want::Finalizer(ours), Some(base)) = (&write.want, write.attempt.base())
            && base.finalizers.iter().any(|name| **name == *"ours") == *ours
        {
            return self.next(&write);
        }
        self.attempt(write, env);
        None
    }

    /// The process ends: what is on its way is done or not, and nobody learns of it.
    pub(super) fn killed(self, env: &mut Env<'_>) {
        let sent = match &self.state {
            State::Sent(write) => Some(write),
            _ => None,
        };
        for write in self.abandoned.iter().chain(sent) {
            if env.rng.one_in(2) {
                let _ = self.execute(write, env);
            }
        }
    }
}

impl Write {
    fn index(&self) -> usize {
        self.attempt.index()
    }

    fn key(&self) -> &Key {
        self.attempt.key()
    }

    /// The uid of the object that this write removes, if it goes as expected.
    fn removes(&self) -> Option<Uid> {
        match (&self.want, self.attempt.base()) {
            (Want::Delete { uid, .. }, _) => Some(Uid(*uid)),
            (Want::Finalizer(false), Some(base)) if base.deleting && base.finalizers.len() == 1 => Some(base.uid),
            _ => None,
        }
    }

    /// Whether the object that it was decided on is already as it wants it.
    fn changes_nothing(&self, operator: usize) -> bool {
        let Some(object) = self.attempt.base().and_then(|base| base.object::<Object>()) else { return false };
        match self.want {
            Want::Apply { spec, .. } => object.spec == spec,
            Want::Status(status) => object.status[operator] == status,
            _ => false,
        }
    }
}

/// The operator of a ticket, as a number.
pub(super) fn number(OperatorId(number): OperatorId) -> usize {
    number
}
