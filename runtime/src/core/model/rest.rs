//! The way to rest, and what must hold there.

use std::sync::Arc;
use std::time::Duration;

use super::super::world::{CacheId, OperatorId};
use super::chance::Chance;
use super::history::History;
use super::operator::{Operator, RECONCILE, Seen};
use super::property::{Checked, ensure};
use super::server::{C, D, G, KINDS, Object, R, in_reach};

/// The most runs that a history may need to come to rest, with all operators and primaries together.
const MOST: usize = 200;
/// The longest wait after a failure, and a little more.
const BACKOFF: Duration = Duration::from_secs(13);

impl History {
    /// Lets everything come to rest; returns the number of runs that this took.
    pub(super) fn rest(&mut self) -> Checked<usize> {
        self.stage.calm = true;
        self.stage.let_go();
        let before = self.stage.tally.runs;
        let patience = self.stage.time + BACKOFF;
        loop {
            self.stage.tally.steps += 1;
            let restless: Vec<usize> =
                (0..KINDS.len()).filter(|&kind| !self.feeds[kind].is_idle(&self.stage.server)).collect();
            let begun = self.begin()?;
            let runs = self.stage.tally.runs - before;
            ensure!(runs <= MOST, Restless, "{runs} runs, and no rest");
            if self.stage.rng.one_in(2) {
                self.advance();
            } else if self.stage.rng.one_in(3) && self.fetch() {
            } else if let Some(&kind) = self.stage.rng.pick(&restless) {
                self.watch(kind);
            } else if !begun
                && self.runs.is_empty()
                && !self.fetch()
                && !self.collect()
                && !self.start_due()?
                && !self.sleep(patience)
            {
                return Ok(runs);
            }
            self.note();
        }
    }

    /// The garbage collector takes what it has left so far. Where there is none, somebody clears away what a run has made for
    /// a primary that was gone by then.
    fn collect(&mut self) -> bool {
        let before = self.stage.server.rv;
        if self.stage.setting.chances.has(Chance::Collect) {
            self.stage.collect()
        } else {
            self.stage.let_go()
        }
        self.stage.server.rv != before
    }

    /// Starts what is due of any operator.
    fn start_due(&mut self) -> Checked<bool> {
        for _ in 0..self.stage.setting.operators.len() * 16 {
            if self.begin()? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Lets the time pass until something is due; but a resync, which is always due some time, is not waited for, since it
    /// would find whatever is lost.
    fn sleep(&mut self, patience: Duration) -> bool {
        let operators = self.stage.setting.operators.len();
        let deadlines = (0..operators).filter_map(|i| self.stage.world.deadline(OperatorId(i)));
        let Some(deadline) = deadlines.min() else { return false };
        let wait = deadline.saturating_duration_since(self.stage.now()) + Duration::from_nanos(1);
        let (server, operators) = (&self.stage.server, &self.stage.setting.operators);
        let is_primary = |number: usize, object: &Object| !operators[number].refuses(object);
        self.owed.retain(|(number, uid)| server.all().any(|object| object.uid == *uid && is_primary(*number, object)));
        let until = self.stage.time + wait;
        let soon = until <= patience || wait < Duration::from_secs(1);
        if self.stage.setting.resync && self.owed.is_empty() && !soon {
            return false;
        }
        self.stage.time = until;
        true
    }

    /// What must hold at rest.
    pub(super) fn check(&self) -> Checked {
        for object in self.stage.server.all() {
            ensure!(!object.deleting, Lost, "the deletion of {object:?} never ends");
        }
        for number in 0..self.stage.setting.operators.len() {
            self.check_operator(number)?;
        }
        self.check_memory()
    }

    fn check_operator(&self, number: usize) -> Checked {
        let operator = self.stage.setting.operators[number];
        let primaries = self.stage.world.primaries(OperatorId(number));
        let objects = || self.stage.server.of(operator.primary).filter(|object| !operator.refuses(object));
        let running = self.stage.world.running(OperatorId(number));
        let (entries, expected) = (primaries.ids().count(), objects().count());
        ensure!(
            (running, entries) == (0, expected),
            LeftOver,
            "{running} runs, {entries} entries for {expected} primaries"
        );
        for primary in objects() {
            let truth = Seen::truth(&self.stage.server, primary);
            let entry = primaries.find(&primary.key).and_then(|id| primaries.entry(id));
            let held = entry.and_then(|entry| entry.primary.as_ref()).filter(|held| held.record.uid.0 == primary.uid);
            let Some(held) = held else {
                ensure!(false, Lost, "operator {number} knows nothing of {primary:?}");
                continue;
            };
            let (sums, at) = (truth.sums(operator), (number, primary.uid));
            let current = held.fingerprints.current();
            ensure!(current == sums, Lost, "{current:?} are the fingerprints of {truth:?}, and not {sums:?}");
            ensure!(!self.owed.contains(&at), Forgotten, "the run of {primary:?} that has to follow does not come");
            ensure!(!held.fingerprints.differs(), Lost, "{primary:?} has changed and is not woken");
            let settled = self.settled.get(&at);
            ensure!(settled == Some(&sums), Lost, "what the last run of {primary:?} saw is not what is");
            for &phase in RECONCILE.iter().filter(|_| !operator.rejects(primary)) {
                let want = operator.want(number, phase, &truth).0;
                let met = operator.is_met(number, phase, &truth);
                ensure!(met, Lost, "a fresh run of operator {number} would want {want:?} in {phase:?} with {truth:?}");
            }
        }
        Ok(())
    }

    /// Nothing is left over that nobody needs, and nothing is missing.
    fn check_memory(&self) -> Checked {
        for (kind, name) in KINDS.iter().enumerate() {
            let cache = self.stage.world.cache(CacheId(kind));
            ensure!(cache.waiting() == 0, LeftOver, "of {name}: {cache:?}");
            let wanted = self.stage.server.of(kind).filter(|object| self.is_wanted(object)).count();
            let kept = (cache.len(), cache.seen().count());
            ensure!(kept == (wanted, wanted), LeftOver, "{kept:?} of {wanted} objects of {name}: {cache:?}");
            let (stubs, known) = (cache.stubs().len(), self.stage.server.of(kind).filter(|o| self.is_known(o)).count());
            ensure!(stubs == known, LeftOver, "{stubs} stubs of {known} objects of {name}: {cache:?}");
        }
        for number in 0..self.stage.setting.operators.len() {
            let waiting = self.stage.world.primaries(OperatorId(number)).waiting();
            ensure!(waiting == 0, LeftOver, "{waiting} secondaries wait for a primary of operator {number}");
        }
        Ok(())
    }

    /// Whether it is known that the object exists, and no more.
    fn is_known(&self, object: &Object) -> bool {
        let narrowed = |kind: usize| self.stage.setting.operators.iter().any(|o| o.filter && o.primary == kind);
        let may_be_ours = match (object.kind, object.owner) {
            (R, _) | (G, Some((C, _))) => true,
            (C | D, Some((kind, _))) => narrowed(kind),
            _ => false,
        };
        may_be_ours && !self.is_wanted(object)
    }

    fn is_wanted(&self, object: &Object) -> bool {
        let operators = &self.stage.setting.operators;
        if operators.iter().any(|operator| operator.primary == object.kind) {
            return true;
        }
        let server = &self.stage.server;
        if object.kind == R {
            let refers = |p: &Arc<Object>| p.refers().contains(&object.key);
            let primaries =
                |operator: &Operator| server.of(operator.primary).any(|p| !operator.refuses(p) && refers(p));
            return operators.iter().any(primaries);
        }
        if object.kind == G {
            let owner = object.owner.filter(|(kind, _)| *kind == C).and_then(|(kind, uid)| server.by_uid(kind, uid));
            return owner.is_some_and(|c| in_reach(C, &c.key, &object.key) && self.is_owned(c));
        }
        self.is_owned(object)
    }

    /// Whether a primary owns the object.
    fn is_owned(&self, object: &Object) -> bool {
        let operators = &self.stage.setting.operators;
        let Some((kind, uid)) = object.owner else { return false };
        let owner = self.stage.server.by_uid(kind, uid);
        let Some(owner) = owner.filter(|owner| in_reach(kind, &owner.key, &object.key)) else { return false };
        let is_primary = |operator: &Operator| operator.primary == kind && !operator.refuses(owner);
        (object.kind == C || object.kind == D) && operators.iter().any(is_primary)
    }
}
