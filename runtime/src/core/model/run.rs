//! One run: it decides against its own view and writes as `write/*.rs` does, each request and each answer a step of its own.

use std::sync::Arc;
use std::time::Instant;

use super::super::fingerprint::{PRIMARY, Sight};
use super::super::key::{Key, Uid};
use super::super::record::Record;
use super::super::world::{OperatorId, Outcome, Task, Ticket, World};
use super::known::{Known, Memory};
use super::operator::{BACKWARDS, CLEANUP, HANDLE, Operator, Phase, RECONCILE, Seen, Setting, Want};
use super::rng::Rng;
use super::server::{Answer, Demand, Left, Object, Refusal, Server};

/// As in `write/apply.rs`.
const TRIES: usize = 3;
/// As in `write/finalizer.rs`.
const EDITS: usize = 5;

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
}

#[derive(Debug)]
enum State {
    Deciding,
    Sent(Write),
    Answered(Write, Answer),
    /// Until the cache shows something newer than what was refused.
    Waiting(Write),
}

/// A write: what for, and on which version it was decided.
#[derive(Clone, Debug)]
struct Write {
    want: Want,
    again: bool,
    index: usize,
    key: Key,
    base: Option<Arc<Record>>,
    attempt: usize,
}

impl Run {
    pub(super) fn new(ticket: Ticket, setting: &Setting) -> Self {
        let phases = match ticket.task {
            Task::Reconcile if setting.backwards => BACKWARDS,
            Task::Reconcile => RECONCILE,
            Task::Handle(_) => HANDLE,
            Task::Cleanup => CLEANUP,
        };
        Self { ticket, phases, at: 0, state: State::Deciding }
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
        match std::mem::replace(&mut self.state, State::Deciding) {
            State::Deciding => self.decide(env),
            State::Sent(write) => {
                let answer = self.execute(&write, env);
                self.state = State::Answered(write, answer);
                None
            }
            State::Answered(write, _) if env.setting.lossy && !env.calm && env.rng.one_in(20) => {
                // Whatever was done, nobody tells us.
                self.end_delete(&write, false, env);
                self.error(&write, env)
            }
            State::Answered(write, answer) => self.answered(write, answer, env),
            State::Waiting(write) => self.wait(write, env),
        }
    }

    fn decide(&mut self, env: &mut Env<'_>) -> Option<Outcome> {
        if !env.calm && env.rng.one_in(40) {
            return Some(if env.rng.one_in(4) { Outcome::Unreachable } else { Outcome::Failed });
        }
        let operator = self.operator(env);
        let number = self.ticket.operator.0;
        while let Some(&phase) = self.phases.get(self.at) {
            let seen = Seen::by(&self.ticket.sight);
            let (want, again) = operator.want(number, phase, &seen);
            if want == Want::Terminal {
                return Some(Outcome::Terminal);
            }
            if want == Want::Nothing || env.setting.thrifty && operator.is_met(number, phase, &seen) {
                self.at += 1;
                continue;
            }
            let (index, key) = match &want {
                Want::Apply { index, .. } => (*index, seen.primary.key.clone()),
                Want::Delete { index, key, .. } => (*index, key.clone()),
                _ => (PRIMARY, seen.primary.key.clone()),
            };
            let base = self.sight().find(index, &key).cloned();
            self.send(Write { want, again, index, key, base, attempt: 0 }, env);
            return None;
        }
        let requeue = (!env.calm && env.rng.one_in(10)).then_some(std::time::Duration::from_millis(500));
        Some(match self.ticket.task {
            Task::Handle(_) => Outcome::Handled { requeue },
            Task::Reconcile | Task::Cleanup => Outcome::Done { requeue },
        })
    }

    fn send(&mut self, write: Write, env: &mut Env<'_>) {
        if let Some(uid) = write.deletes() {
            env.world.delete_begin(self.ticket.operator, write.index, &write.key, uid);
        }
        self.state = State::Sent(write);
    }

    fn execute(&self, write: &Write, env: &mut Env<'_>) -> Answer {
        let operator = self.operator(env);
        let (kind, key) = (operator.kind(write.index), &write.key);
        let demand = match &write.base {
            None => Demand::CreateOnly,
            Some(base) if write.attempt == TRIES && write.index != PRIMARY => Demand::Uid(base.uid.0),
            Some(base) => Demand::Version(base.uid.0, base.rv.0),
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
                let limit = if *want == Want::Finalizer(true) { EDITS } else { TRIES };
                let proven = match want {
                    Want::Apply { .. } | Want::Finalizer(_) => write.attempt < limit && self.is_as_seen(&write),
                    _ => false,
                };
                self.take(&write, &object, proven, env);
                self.next(&write)
            }
            (Ok(Left::Last), _) => self.next(&write),
            (Ok(Left::Nothing), _) => {
                self.sight().answered(write.index, &write.key, None, true);
                self.next(&write)
            }
            (Err(Refusal::Gone), Want::Delete { uid, .. }) => {
                env.world.vanished(self.ticket.operator, write.index, &write.key, Uid(*uid), env.now);
                self.sight().answered(write.index, &write.key, None, true);
                self.next(&write)
            }
            (Err(Refusal::Outdated), Want::Delete { .. }) => {
                self.sight().answered(write.index, &write.key, None, false);
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

    /// Takes an answer into what the run sees, and into the caches of everybody.
    fn take(&mut self, write: &Write, object: &Arc<Object>, proven: bool, env: &mut Env<'_>) {
        let record = Arc::new(env.setting.record(object));
        self.sight().answered(write.index, &record.key, Some(record.clone()), proven);
        let operator = self.ticket.operator;
        env.memory.learn(operator.0, self.uid(), write.index, &write.key, Known::Version(record.uid, record.rv));
        env.world.answered(operator, write.index, record, env.now);
    }

    /// Whether the version that was accepted as precondition tells nothing new.
    fn is_as_seen(&self, write: &Write) -> bool {
        let sight = &self.ticket.sight;
        sight.contribution(write.index, sight.find(write.index, &write.key))
            == sight.contribution(write.index, write.base.as_ref())
    }

    fn end_delete(&mut self, write: &Write, deleted: bool, env: &mut Env<'_>) {
        let Some(uid) = write.deletes() else { return };
        env.world.delete_end(self.ticket.operator, write.index, &write.key, uid, deleted, env.now);
        if deleted {
            env.memory.learn(self.ticket.operator.0, self.uid(), write.index, &write.key, Known::Gone(uid));
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
        let found = env.world.view_of(self.ticket.operator, write.index, &write.key).cloned();
        let refused = write.base.clone();
        let late = env.rng.one_in(6);
        let tries = if write.index == PRIMARY { EDITS - 1 } else { TRIES };
        let base = match (found, refused) {
            _ if write.attempt == tries => return self.error(&write, env),
            (found, Some(refused)) if write.index == PRIMARY => match found {
                Some(record) if record.uid == refused.uid && record.rv > refused.rv => Some(record),
                Some(record) if record.uid == refused.uid && late => Some(record),
                Some(record) if record.uid == refused.uid => return self.stay(write),
                _ => return self.error(&write, env),
            },
            (Some(record), refused) if refused.as_ref().is_none_or(|refused| record.rv > refused.rv) => {
                if record.controller().is_none_or(|owner| owner.uid != self.ticket.uid) {
                    return self.error(&write, env);
                }
                Some(record)
            }
            (None, Some(_)) => None,
            (_, None) if late => return self.error(&write, env),
            (_, refused) if late => refused,
            _ => return self.stay(write),
        };
        write.attempt += 1;
        write.base = base;
        if let (Want::Finalizer(ours), Some(base)) = (&write.want, &write.base)
            && base.finalizers.iter().any(|name| **name == *"ours") == *ours
        {
            return self.next(&write);
        }
        self.send(write, env);
        None
    }

    fn stay(&mut self, write: Write) -> Option<Outcome> {
        self.state = State::Waiting(write);
        None
    }

    /// The process ends: what is on its way is done or not, and nobody learns of it.
    pub(super) fn killed(self, env: &mut Env<'_>) {
        if let State::Sent(write) = &self.state
            && env.rng.one_in(2)
        {
            let _ = self.execute(write, env);
        }
    }
}

impl Write {
    /// The uid of the object that this write removes, if it goes as expected.
    fn deletes(&self) -> Option<Uid> {
        match (&self.want, &self.base) {
            (Want::Delete { uid, .. }, _) => Some(Uid(*uid)),
            (Want::Finalizer(false), Some(base)) if base.deleting && base.finalizers.len() == 1 => Some(base.uid),
            _ => None,
        }
    }
}

/// The operator of a ticket, as a number.
pub(super) fn number(OperatorId(number): OperatorId) -> usize {
    number
}
