//! One run: it decides against its own view, and each request and each answer is a step of its own.

use std::fmt;
use std::time::Duration;

use super::super::fingerprint::PRIMARY;
use super::super::world::{OperatorId, Outcome, Task, Ticket};
use super::chance::Chance;
use super::operator::{BACKWARDS, CLEANUP, HANDLE, Operator, Phase, RECONCILE, Seen, Want};
use super::setting::Setting;
use super::stage::Stage;
use super::write::{Flight, Step, Write};
use crate::core::rules::{Rule, holds};

pub(super) struct Run {
    pub(super) ticket: Ticket,
    phases: &'static [Phase],
    at: usize,
    /// Writes that the run awaits.
    flights: Vec<Flight>,
    /// Writes that the run has dropped before their answers. The next run waits for them.
    abandoned: Vec<Flight>,
    ended: Option<Outcome>,
}

impl Run {
    pub(super) fn new(ticket: Ticket, setting: &Setting) -> Self {
        let phases = match ticket.task {
            Task::Reconcile => reconcile(setting),
            Task::Handle(_) => HANDLE,
            Task::Cleanup => CLEANUP,
        };
        Self { ticket, phases, at: 0, flights: Vec::new(), abandoned: Vec::new(), ended: None }
    }

    fn operator(&self, stage: &Stage) -> Operator {
        stage.setting.operators[number(self.ticket.operator)]
    }

    /// Goes one step further; returns how the run ended, if it did.
    pub(super) fn advance(&mut self, stage: &mut Stage) -> Option<Outcome> {
        if self.is_astray() && stage.rng.one_in(3) {
            self.land(stage);
            return None;
        }
        if self.ended.is_none() {
            self.ended = self.go_on(stage);
            if self.ended.is_some() {
                // A run that ends drops whatever it still awaits.
                let flights = std::mem::take(&mut self.flights);
                flights.into_iter().for_each(|flight| self.abandon(flight));
            }
        }
        let waits = holds(Rule::AbandonedAwaited) && self.is_astray();
        if waits { None } else { self.ended }
    }

    /// Whether requests are under way that nobody awaits any more.
    pub(super) fn is_astray(&self) -> bool {
        !self.abandoned.is_empty()
    }

    /// An abandoned request goes one step further: the caches learn of its answer, the run does not.
    pub(super) fn land(&mut self, stage: &mut Stage) {
        let i = stage.rng.below(self.abandoned.len());
        if !self.abandoned[i].land(&self.ticket, stage) {
            self.abandoned.swap_remove(i);
        }
    }

    fn go_on(&mut self, stage: &mut Stage) -> Option<Outcome> {
        let alone = self.flights.is_empty();
        // An error of the user's, a panic, a timeout. What is under way goes on without the run.
        if stage.may(Chance::Failure, 60) && (alone || stage.setting.chances.has(Chance::Abandon)) {
            let unreachable = Outcome::Unreachable { after: Duration::ZERO };
            return Some(if stage.rng.one_in(4) { unreachable } else { Outcome::Failed });
        }
        if alone || stage.may(Chance::Parallel, 2) { self.decide(stage) } else { self.fly(stage) }
    }

    fn decide(&mut self, stage: &mut Stage) -> Option<Outcome> {
        let (operator, number) = (self.operator(stage), number(self.ticket.operator));
        let seen = self.seen(stage);
        while let Some(&phase) = self.phases.get(self.at) {
            let (want, again) = operator.want(number, phase, &seen);
            if !self.flights.is_empty() && (!phase.is_concurrent() || want == Want::Nothing) {
                return self.fly(stage);
            }
            let (index, key) = match &want {
                Want::Nothing => {
                    self.at += 1;
                    continue;
                }
                Want::Terminal => return Some(Outcome::Terminal),
                Want::Apply { index, key, .. } | Want::Delete { index, key, .. } | Want::Mark { index, key, .. } => {
                    (*index, key)
                }
                Want::Status(_) | Want::Finalizer(_) => (PRIMARY, &seen.primary.key),
            };
            self.at += usize::from(!again);
            let write = Write::new(&self.ticket.sight, index, key.clone(), want, again);
            self.flights.extend(write.begin(&mut self.ticket, stage));
            return None;
        }
        if !self.flights.is_empty() { self.fly(stage) } else { self.end(stage) }
    }

    /// What the run decides on.
    fn seen(&self, stage: &Stage) -> Seen {
        let Ticket { operator, id, uid, sight, .. } = &self.ticket;
        let primaries = stage.world.primaries(*operator);
        match primaries.primary(*id).filter(|primary| primary.record.uid == *uid) {
            Some(primary) if !holds(Rule::OwnView) => Seen::of(&primaries.view(primary)),
            _ => Seen::of(sight.view()),
        }
    }

    /// All steps are done.
    fn end(&mut self, stage: &mut Stage) -> Option<Outcome> {
        let requeue = match stage.may(Chance::Requeue, 8) {
            true if stage.rng.one_in(2) => Some(Duration::ZERO),
            true => Some(Duration::from_millis(500)),
            false => None,
        };
        match self.ticket.task {
            Task::Handle(_) if stage.may(Chance::Escalate, 4) => {
                (self.phases, self.at, self.ticket.task) = (reconcile(&stage.setting), 0, Task::Reconcile);
                None
            }
            Task::Handle(_) => Some(Outcome::Handled { requeue }),
            Task::Reconcile | Task::Cleanup => Some(Outcome::Done { requeue }),
        }
    }

    /// One of the writes goes a step further.
    fn fly(&mut self, stage: &mut Stage) -> Option<Outcome> {
        let flight = self.flights.swap_remove(stage.rng.below(self.flights.len()));
        if flight.is_sent() && stage.may(Chance::Abandon, 25) || flight.is_answered() && stage.may(Chance::Loss, 40) {
            let again = flight.write.again;
            self.abandon(flight);
            // A timeout of the run, or of the user's within it.
            if stage.rng.one_in(2) {
                return Some(Outcome::Failed);
            }
            self.at += usize::from(again);
            return None;
        }
        let again = flight.write.again;
        match flight.step(&mut self.ticket, stage) {
            Step::On(flight) => self.flights.push(*flight),
            Step::Done => {}
            Step::Error { serious } => {
                if serious || !stage.may(Chance::Swallow, 4) {
                    return Some(Outcome::Failed);
                }
                self.at += usize::from(again);
            }
        }
        None
    }

    fn abandon(&mut self, flight: Flight) {
        if flight.is_sent() || flight.is_answered() {
            self.ticket.sight.lose();
            self.abandoned.push(flight);
        }
    }

    /// The process ends: what is on its way is done or not, and nobody learns of it.
    pub(super) fn killed(self, stage: &mut Stage) {
        for flight in self.abandoned.into_iter().chain(self.flights) {
            if flight.is_sent() && stage.rng.one_in(2) {
                let _ = flight.write.execute(&self.ticket, stage);
            }
        }
    }
}

/// What a replay tells of it.
impl fmt::Debug for Run {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { ticket, phases, at, flights, abandoned, ended } = self;
        let view = ticket.sight.view();
        write!(f, "operator {} with {view:?}, next {:?}", number(ticket.operator), phases.get(*at))?;
        write!(f, ", awaits {flights:?}, has dropped {abandoned:?}, ended {ended:?}")
    }
}

fn reconcile(setting: &Setting) -> &'static [Phase] {
    if setting.backwards { BACKWARDS } else { RECONCILE }
}

/// The operator of a ticket, as a number.
pub(super) fn number(OperatorId(number): OperatorId) -> usize {
    number
}
