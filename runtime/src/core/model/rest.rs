//! The way to rest, and what must hold there.

use std::time::Duration;

use super::super::world::{CacheId, OperatorId};
use super::history::History;
use super::operator::{RECONCILE, Seen};
use super::server::{C, D, KINDS, Object};

/// The most runs that a history may need to come to rest, with all operators and primaries together.
const MOST: usize = 150;

impl History {
    /// Lets everything come to rest; returns the number of runs that this took.
    pub(super) fn rest(&mut self) -> usize {
        self.calm = true;
        self.let_go();
        let before = self.begun;
        loop {
            let restless: Vec<usize> =
                (0..KINDS.len()).filter(|&kind| !self.feeds[kind].is_idle(&self.server)).collect();
            let begun = self.begin();
            assert!(self.begun - before <= MOST, "it does not come to rest");
            if self.rng.one_in(2) {
                self.advance();
            } else if let Some(&kind) = self.rng.pick(&restless) {
                self.watch(kind);
            } else if !begun && self.runs.is_empty() && !self.collect() && !self.start_due() && !self.sleep() {
                return self.begun - before;
            }
        }
    }

    /// Starts what is due of any operator.
    fn start_due(&mut self) -> bool {
        (0..self.setting.operators.len() * 16).any(|_| self.begin())
    }

    /// Lets the time pass until something is due.
    fn sleep(&mut self) -> bool {
        let deadlines = (0..self.setting.operators.len()).filter_map(|i| self.world.deadline(OperatorId(i)));
        let Some(deadline) = deadlines.min() else { return false };
        self.time += deadline.saturating_duration_since(self.now()) + Duration::from_nanos(1);
        true
    }

    /// What must hold at rest.
    pub(super) fn check(&self) {
        for object in self.server.all() {
            assert!(!object.deleting, "the deletion of {object:?} never ends");
        }
        for number in 0..self.setting.operators.len() {
            self.check_operator(number);
        }
        self.check_memory();
    }

    fn check_operator(&self, number: usize) {
        let operator = self.setting.operators[number];
        let primaries = self.world.primaries(OperatorId(number));
        assert_eq!(self.world.running(OperatorId(number)), 0);
        assert_eq!(primaries.ids().count(), self.server.of(operator.primary).count(), "entries are left over");
        for primary in self.server.of(operator.primary) {
            let truth = Seen::truth(&self.server, primary);
            let id = primaries.find(&primary.key).expect("every primary has its entry");
            let held = primaries.entry(id).and_then(|entry| entry.primary.as_ref()).expect("and is in it");
            let sums = truth.sums(operator);
            assert_eq!(held.record.uid.0, primary.uid);
            assert_eq!(held.fingerprints.current(), sums, "fingerprints of {primary:?} for operator {number}");
            assert!(!held.fingerprints.differs(), "{primary:?} has changed and is not woken");
            let settled = self.settled.get(&(number, primary.uid));
            assert_eq!(settled, Some(&sums), "what the last run of {primary:?} saw is not what is");
            for &phase in RECONCILE.iter().filter(|_| primary.spec != 7) {
                assert!(
                    operator.is_met(number, phase, &truth),
                    "lost: a fresh run of operator {number} would do {:?} in {phase:?} with {truth:?}",
                    operator.want(number, phase, &truth).0
                );
            }
        }
    }

    /// Nothing is left over that nobody needs, and nothing is missing.
    fn check_memory(&self) {
        for (kind, name) in KINDS.iter().enumerate() {
            let cache = self.world.cache(CacheId(kind));
            assert_eq!(cache.waiting(), 0, "left over in {name}: {cache:?}");
            let wanted = self.server.of(kind).filter(|object| self.is_wanted(object)).count();
            assert_eq!((cache.len(), cache.seen().count()), (wanted, wanted), "kept of {name}: {cache:?}");
        }
        for number in 0..self.setting.operators.len() {
            assert_eq!(self.world.primaries(OperatorId(number)).waiting(), 0, "secondaries wait for ever");
        }
    }

    fn is_wanted(&self, object: &Object) -> bool {
        let operators = &self.setting.operators;
        let Some((kind, uid)) = object.owner else { return operators.iter().any(|o| o.primary == object.kind) };
        let owner = self.server.of(kind).find(|owner| owner.uid == uid);
        let in_reach = owner.is_some_and(|owner| owner.key.namespace() == object.key.namespace());
        (object.kind == C || object.kind == D) && in_reach && operators.iter().any(|o| o.primary == kind)
    }
}
