//! One write of a run, as `write/*.rs` does it: the same decisions ([`Attempt`]), without HTTP.

use std::fmt;
use std::sync::Arc;

use super::super::attempt::{Attempt, Demand, Found};
use super::super::fingerprint::Sight;
use super::super::key::{Key, Uid};
use super::super::record::Record;
use super::super::world::Ticket;
use super::chance::Chance;
use super::known::Known;
use super::operator::Want;
use super::run::number;
use super::server::{self, Answer, Deed, Left, Object, Refusal};
use super::stage::Stage;
use crate::core::rules::{Rule, holds};

/// What for, and on which version it was decided.
#[derive(Clone, Debug)]
pub(super) struct Write {
    want: Want,
    /// The step of the run is taken again after it.
    pub(super) again: bool,
    attempt: Attempt,
}

/// A write that the API server has to do with.
pub(super) struct Flight {
    pub(super) write: Write,
    state: State,
    /// The answer would hold nothing foreign, as far as was known when the request was sent.
    proven: bool,
}

#[derive(Debug)]
enum State {
    /// The request is on its way.
    Sent,
    /// The answer is on its way, to what was done, if anything was.
    Answered(Answer, Option<Deed>),
    /// Until the cache shows something newer than what was refused.
    Refused,
}

/// What became of a flight.
pub(super) enum Step {
    On(Box<Flight>),
    Done,
    /// The user gets an error; a serious one ends the run.
    Error {
        serious: bool,
    },
}

impl Write {
    pub(super) fn new(sight: &Sight, index: usize, key: Key, want: Want, again: bool) -> Self {
        Self { want, again, attempt: Attempt::new(sight, index, key) }
    }

    fn index(&self) -> usize {
        self.attempt.index()
    }

    fn key(&self) -> &Key {
        self.attempt.key()
    }

    /// Sends it, unless it would change nothing.
    pub(super) fn begin(self, ticket: &mut Ticket, stage: &mut Stage) -> Option<Flight> {
        let live = stage.world.view_of(ticket.operator, self.index(), self.key());
        let base = if holds(Rule::NoopByView) { self.attempt.base() } else { live };
        let noop = base.is_some_and(|base| self.changes_nothing(base, number(ticket.operator)));
        if noop && stage.setting.thrifty && self.attempt.skip(&mut ticket.sight) {
            return None;
        }
        stage.tally.writes += 1;
        if let Some(uid) = self.removes() {
            stage.world.delete_begin(ticket.operator, self.index(), self.key(), uid);
        }
        let proven = self.is_proven(&ticket.sight, stage.setting.adopts);
        Some(Flight { write: self, state: State::Sent, proven })
    }

    /// Whether this version is already as it is wanted.
    fn changes_nothing(&self, base: &Record, operator: usize) -> bool {
        let Some(object) = base.current().and_then(|object| object.downcast_ref::<Arc<Object>>()) else { return false };
        match self.want {
            Want::Apply { spec, .. } => object.spec == spec,
            Want::Mark { mark, .. } => object.mark == mark,
            Want::Status(status) => object.status[operator] == status,
            Want::Finalizer(ours) => object.ours == ours,
            Want::Delete { .. } | Want::Nothing | Want::Terminal => false,
        }
    }

    /// The uid of the object that this write removes, if it goes as expected.
    fn removes(&self) -> Option<Uid> {
        match (&self.want, self.attempt.base()) {
            (Want::Delete { uid, .. }, _) => Some(Uid(*uid)),
            (Want::Finalizer(false), Some(base)) if base.deleting && base.finalizers.len() == 1 => Some(base.uid),
            _ => None,
        }
    }

    /// The request arrives.
    fn arrive(&self, ticket: &Ticket, stage: &mut Stage) -> State {
        let kind = stage.setting.operators[number(ticket.operator)].kind(self.index());
        if stage.may(Chance::Race, 10) {
            stage.meddle(kind, self.key());
        }
        let before = stage.server.deeds.len();
        let answer = self.execute(ticket, stage);
        let deed = stage.server.deeds.get(before).cloned();
        if let Some(deed) = deed.as_ref().filter(|_| stage.may(Chance::Revert, 10)) {
            stage.revert(deed);
        }
        State::Answered(answer, deed)
    }

    /// What the API server does about it.
    pub(super) fn execute(&self, ticket: &Ticket, stage: &mut Stage) -> Answer {
        let (number, uid) = (number(ticket.operator), ticket.uid.0);
        let operator = stage.setting.operators[number];
        let (kind, key) = (operator.kind(self.index()), self.key());
        let demand = match self.attempt.demand() {
            Demand::Absent if stage.setting.adopts => server::Demand::Nothing,
            Demand::Absent => server::Demand::CreateOnly,
            Demand::Uid(base) => server::Demand::Uid(base.uid.0),
            Demand::Version(base) => server::Demand::Version(base.uid.0, base.rv.0),
            Demand::Finalizers(base) => {
                let has = |finalizer: &str| base.finalizers.iter().any(|name| **name == *finalizer);
                server::Demand::Finalizers(base.uid.0, has("ours"), has("theirs"))
            }
        };
        let server = &mut stage.server;
        server.author = Some((number, uid));
        let answer = match self.want {
            Want::Apply { spec, .. } => server.apply(kind, key, spec, (operator.primary, uid), demand),
            Want::Mark { mark, .. } => server.mark(kind, key, mark, demand),
            Want::Delete { uid, .. } => server.delete(kind, key, uid),
            Want::Status(status) => server.status(kind, key, uid, number, status),
            Want::Finalizer(ours) => server.finalizer(kind, key, ours, demand),
            Want::Nothing | Want::Terminal => Err(Refusal::Other),
        };
        server.author = None;
        answer
    }

    fn is_proven(&self, sight: &Sight, adopts: bool) -> bool {
        match self.want {
            Want::Apply { .. } => self.attempt.is_proven(sight) && !adopts,
            Want::Mark { .. } | Want::Finalizer(_) => self.attempt.is_proven(sight),
            _ => false,
        }
    }

    /// Takes an answer into the caches of everybody; `None` if it cannot be decoded.
    fn learn(&self, object: &Arc<Object>, ticket: &Ticket, stage: &mut Stage) -> Option<Arc<Record>> {
        let held = ticket.sight.find(self.index(), self.key());
        let record = Arc::new(stage.setting.record(object, held.map(|held| &**held)));
        if !record.is_decoded() {
            return None;
        }
        self.remember(Known::Version(record.uid, record.rv), ticket, stage);
        let now = stage.now();
        stage.world.answered(ticket.operator, self.index(), record.clone(), now);
        Some(record)
    }

    fn remember(&self, known: Known, ticket: &Ticket, stage: &mut Stage) {
        stage.memory.learn(number(ticket.operator), ticket.uid.0, self.index(), self.key(), known);
    }

    /// The end of a removal; `left`: what the answer says, if there is one.
    fn end_removal(&self, answer: Option<&Answer>, ticket: &Ticket, stage: &mut Stage) {
        let Some(uid) = self.removes() else { return };
        let (operator, now) = (ticket.operator, stage.now());
        let removed = match answer {
            Some(Ok(Left::Last)) => holds(Rule::TombForLastFinalizer),
            Some(Ok(Left::Nothing)) => true,
            _ => false,
        };
        stage.world.delete_end(operator, self.index(), self.key(), uid, removed, now);
        // One that the cache does not show at this moment, since it is another primary's, may come back as ours until the
        // watch shows its end.
        let shown = stage.world.view_of(operator, self.index(), self.key()).is_some_and(|record| record.uid == uid);
        let gone = matches!(answer, Some(Err(Refusal::Gone)));
        if gone && holds(Rule::TombForVanished) {
            stage.world.vanished(operator, self.index(), self.key(), uid, now);
        }
        if gone && shown || matches!(answer, Some(Ok(Left::Last | Left::Nothing))) {
            self.remember(Known::Gone(uid), ticket, stage);
        }
    }
}

/// What a replay tells of it.
impl fmt::Debug for Flight {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { write: Write { want, attempt, .. }, state, proven } = self;
        write!(f, "{want:?} on {:?} {state:?}{}", attempt.base(), if *proven { ", proven" } else { "" })
    }
}

impl Flight {
    pub(super) fn is_sent(&self) -> bool {
        matches!(self.state, State::Sent)
    }

    pub(super) fn is_answered(&self) -> bool {
        matches!(self.state, State::Answered(..))
    }

    /// Goes one step further.
    pub(super) fn step(self, ticket: &mut Ticket, stage: &mut Stage) -> Step {
        let Self { write, state, proven } = self;
        match state {
            State::Sent => {
                let state = write.arrive(ticket, stage);
                Step::On(Box::new(Self { write, state, proven }))
            }
            State::Answered(_, deed) if stage.may(Chance::Loss, 20) => {
                // Whatever was done, nobody tells us.
                write.end_removal(None, ticket, stage);
                stage.unheard(deed);
                ticket.sight.lose();
                Step::Error { serious: false }
            }
            State::Answered(answer, deed) => answered(write, &answer, deed, proven, ticket, stage),
            State::Refused => again(write, ticket, stage),
        }
    }

    /// The same, after the run has dropped it: only the caches learn of the answer. Returns whether it goes on.
    pub(super) fn land(&mut self, ticket: &Ticket, stage: &mut Stage) -> bool {
        let State::Answered(answer, deed) = &mut self.state else {
            self.state = self.write.arrive(ticket, stage);
            return true;
        };
        let answer = Some(&*answer).filter(|_| !stage.may(Chance::Loss, 10));
        self.write.end_removal(answer, ticket, stage);
        let learned = match answer {
            Some(Ok(Left::Object(object))) => self.write.learn(object, ticket, stage).is_some(),
            answer => answer.is_some(),
        };
        if !learned {
            stage.unheard(deed.take());
        }
        false
    }
}

fn answered(
    write: Write,
    answer: &Answer,
    deed: Option<Deed>,
    proven: bool,
    ticket: &mut Ticket,
    stage: &mut Stage,
) -> Step {
    write.end_removal(Some(answer), ticket, stage);
    let (index, key) = (write.index(), write.key());
    match (answer, &write.want) {
        (Ok(Left::Object(object)), _) => {
            let proven = if holds(Rule::ProvenWhenAnswered) {
                write.is_proven(&ticket.sight, stage.setting.adopts)
            } else {
                proven
            };
            let Some(record) = write.learn(object, ticket, stage) else {
                stage.unheard(deed);
                ticket.sight.lose();
                return Step::Error { serious: false };
            };
            ticket.sight.answered(index, key, Some(record), proven);
            Step::Done
        }
        (Ok(Left::Nothing | Left::Last), _) | (Err(Refusal::Gone), Want::Delete { .. }) => {
            ticket.sight.answered(index, key, None, true);
            Step::Done
        }
        (Err(Refusal::Gone | Refusal::Outdated), Want::Apply { .. } | Want::Mark { .. })
        | (Err(Refusal::Outdated), Want::Finalizer(_)) => {
            Step::On(Box::new(Flight { write, state: State::Refused, proven: false }))
        }
        (Err(_), _) => error(&write, ticket),
    }
}

/// After a refusal: decides again on what the cache shows, if that is newer.
fn again(mut write: Write, ticket: &mut Ticket, stage: &mut Stage) -> Step {
    let base = match write.attempt.look(&stage.world, ticket.operator, ticket.uid) {
        Some(Found::Base(base)) => base,
        Some(Found::Turned | Found::NotOurs(_)) => return error(&write, ticket),
        None if !stage.rng.one_in(6) => {
            return Step::On(Box::new(Flight { write, state: State::Refused, proven: false }));
        }
        // The watch lags for too long.
        None if write.attempt.base().is_none() => return error(&write, ticket),
        None => write.attempt.base().cloned(),
    };
    if !write.attempt.again(base) {
        return error(&write, ticket);
    }
    match (&write.want, write.attempt.base()) {
        // There is nothing to patch any more.
        (Want::Mark { .. }, None) => error(&write, ticket),
        (Want::Finalizer(ours), Some(base)) if base.finalizers.iter().any(|name| **name == *"ours") == *ours => {
            Step::Done
        }
        _ => write.begin(ticket, stage).map_or(Step::Done, |flight| Step::On(Box::new(flight))),
    }
}

/// An error that may hide a foreign change.
fn error(write: &Write, ticket: &mut Ticket) -> Step {
    if holds(Rule::ErrorsPoison) {
        ticket.sight.poison();
    }
    Step::Error { serious: matches!(write.want, Want::Finalizer(_)) }
}
