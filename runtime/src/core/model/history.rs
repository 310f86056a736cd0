//! A history: foreign hands, watches, runs and restarts in any order.

use std::collections::{HashMap, HashSet};
use std::iter::repeat;
use std::sync::Arc;
use std::time::Duration;

use super::super::cache::Event;
use super::super::fetching::Fetch;
use super::super::fingerprint::PRIMARY;
use super::super::key::{Key, Rv};
use super::super::record::Record;
use super::super::world::{CacheId, OperatorId, Outcome, Task, Ticket};
use super::chance::{Chance, Chances};
use super::feed::{Feed, Shown};
use super::news::News;
use super::operator::Seen;
use super::property::{Checked, ensure};
use super::rng::Rng;
use super::run::{Run, number};
use super::server::{C, D, G, KINDS, Object, R, in_reach};
use super::setting::Setting;
use super::stage::Stage;
use crate::core::rules::{Rule, holds};
use crate::trigger::Trigger;

/// An operator and the uid of a primary.
type At = (usize, u128);

/// What the API server has answered, and which version was known when it was asked.
type Answer = (Rv, Option<Arc<Object>>);

pub(super) struct History {
    pub(super) stage: Stage,
    pub(super) feeds: Vec<Feed>,
    pub(super) runs: Vec<Run>,
    /// Runs that are over, and yet have requests under way; there are none unless a rule is off.
    strays: Vec<Run>,
    /// What the last run that settled a primary saw.
    pub(super) settled: HashMap<At, Vec<u128>>,
    /// Where another full run has to follow: it was asked for, or the last one failed.
    pub(super) owed: HashSet<At>,
    news: News,
    /// What the API server is being asked for, and what it has answered.
    fetches: Vec<(Fetch, Option<Answer>)>,
}

impl History {
    /// `without`: what must not happen, though this seed would have it.
    pub(super) fn new(seed: u64, without: Chances, loud: bool) -> Self {
        let mut rng = Rng::new(seed);
        let mut setting = Setting::draw(&mut rng, seed);
        setting.chances = setting.chances.without(without);
        let stage = Stage::new(setting, rng, loud);
        stage.tell(format_args!("{:?}", stage.setting));
        Self {
            stage,
            feeds: (0..KINDS.len()).map(Feed::new).collect(),
            runs: Vec::new(),
            strays: Vec::new(),
            settled: HashMap::new(),
            owed: HashSet::new(),
            news: News::default(),
            fetches: Vec::new(),
        }
    }

    /// Something happens.
    pub(super) fn step(&mut self) -> Checked {
        self.stage.tally.steps += 1;
        match self.stage.rng.below(100) {
            0..22 => self.stage.foreign(),
            22..52 => {
                let kind = self.stage.rng.below(KINDS.len());
                self.watch(kind);
            }
            52..86 => {
                self.begin()?;
                for _ in 0..self.stage.rng.below(4) {
                    self.advance();
                }
            }
            86..88 => drop(self.fetch()),
            88..90 if self.stage.setting.chances.has(Chance::Break) => self.cut(),
            90..99 => self.stage.pass(),
            99 if self.stage.may(Chance::Restart, 5) => self.restart(),
            99 if self.stage.may(Chance::Collect, 1) => self.stage.collect(),
            _ => {}
        }
        self.note();
        Ok(())
    }

    /// A watch shows its next event, or a whole list.
    pub(super) fn watch(&mut self, kind: usize) {
        loop {
            let event = match self.feeds[kind].step(&self.stage.server, &mut self.stage.rng) {
                Shown::Nothing => return,
                Shown::Object(object) => {
                    let held = self.stage.world.view(CacheId(kind), &object.key);
                    Event::Applied(self.stage.setting.record(&object, held.map(|held| &**held)))
                }
                Shown::Event(event) => event,
            };
            self.stage.tell(format_args!("the watch of {} shows {event:?}", KINDS[kind]));
            self.stage.tally.lists += usize::from(matches!(event, Event::ListEnd(_)));
            let now = self.stage.now();
            self.stage.world.observe(CacheId(kind), None, event, now);
            if !self.stage.setting.atomic || !self.feeds[kind].is_listing() {
                return;
            }
        }
    }

    /// A question about an object goes to the API server, or its answer comes; whether there is one.
    pub(super) fn fetch(&mut self) -> bool {
        let new = self.stage.world.take_wanted();
        self.fetches.extend(new.into_iter().map(|fetch| (fetch, None)));
        if self.fetches.is_empty() {
            return false;
        }
        let i = self.stage.rng.below(self.fetches.len());
        let (fetch, answer) = &mut self.fetches[i];
        let CacheId(kind) = fetch.cache;
        match answer.take() {
            None => match self.stage.world.ask(fetch) {
                Some(asked) => *answer = Some((asked, self.stage.server.get(kind, &fetch.key).cloned())),
                None => {
                    let now = self.stage.now();
                    self.stage.world.unwanted(fetch, now);
                    self.fetches.swap_remove(i);
                }
            },
            Some((asked, found)) => {
                self.stage.tell(format_args!("the answer about {} {} is {found:?}", KINDS[kind], fetch.key));
                let held = self.stage.world.view(fetch.cache, &fetch.key).cloned();
                let record = found.map(|object| self.stage.setting.record(&object, held.as_deref()));
                let now = self.stage.now();
                if self.stage.world.fetched(fetch, asked, record, now) {
                    self.fetches.swap_remove(i);
                }
            }
        }
        true
    }

    fn cut(&mut self) {
        let kind = self.stage.rng.below(KINDS.len());
        self.stage.tell(format_args!("the watch of {} breaks", KINDS[kind]));
        let relist = self.stage.may(Chance::Relist, 2);
        self.feeds[kind].cut(relist);
    }

    /// Starts a run that is due.
    pub(super) fn begin(&mut self) -> Checked<bool> {
        let operator = self.stage.rng.below(self.stage.setting.operators.len());
        let now = self.stage.now();
        let Some(ticket) = self.stage.world.pop(OperatorId(operator), now) else { return Ok(false) };
        self.stage.tally.runs += 1;
        self.stage.tell(format_args!(
            "operator {operator} begins {:?} of {} by {}, sees {:?}",
            ticket.task,
            ticket.sight.view().primary.key,
            ticket.triggers,
            ticket.sight.view(),
        ));
        self.check_begin(&ticket)?;
        let asked = [Trigger::Retry, Trigger::Requeue].iter().any(|trigger| ticket.triggers.contains(*trigger));
        let owed = self.owed.contains(&(operator, ticket.uid.0));
        ensure!(!asked || owed, Vain, "a run by {}, for which nobody has asked", ticket.triggers);
        if !matches!(ticket.task, Task::Handle(_)) {
            self.owed.remove(&(operator, ticket.uid.0));
        }
        // What is related through others, or referred to, changes with those too, which the news does not follow. Nor does it follow
        // what is fetched, since an answer that there is nothing has no version; and so are the children of who has become a
        // primary.
        let unfollowed = if self.stage.setting.operators[operator].filter { &[C, D, G, R][..] } else { &[G, R] };
        let followed = unfollowed.iter().all(|&kind| !ticket.triggers.contains(Trigger::Secondary(KINDS[kind])));
        if followed && self.news.is_vain(&ticket, &self.stage, &self.feeds) {
            self.stage.tally.vain += 1;
            let primary = &ticket.sight.view().primary;
            let counts = self.stage.setting.atomic;
            ensure!(
                !counts,
                Vain,
                "operator {operator} runs for {primary:?} by {}, and nobody changed anything",
                ticket.triggers
            );
        }
        self.runs.push(Run::new(ticket, &self.stage.setting));
        Ok(true)
    }

    /// What must hold of every run that begins.
    fn check_begin(&self, ticket: &Ticket) -> Checked {
        let (operator, sight) = (ticket.operator, &ticket.sight);
        let key = &sight.view().primary.key;
        let same = |run: &Run| run.ticket.operator == operator && run.ticket.sight.view().primary.key == *key;
        let twice = self.runs.iter().any(same) && holds(Rule::OneRunPerName);
        ensure!(!twice, Twice, "a second run of {key} begins");
        let of = self.stage.setting.operators[number(operator)];
        ensure!(!of.refuses(&Seen::of(sight.view()).primary), Vain, "a run of {key} begins, which is no primary");
        let kinds = (0..5).map(|index| CacheId(of.kind(index)));
        let complete =
            kinds.into_iter().all(|cache| self.stage.world.is_complete(cache)) || !holds(Rule::CompleteFirst);
        ensure!(complete, Missing, "a run of {key} begins before all caches are complete");
        self.stage.memory.check(ticket, &self.stage.setting, &self.stage.world, &self.feeds)?;
        self.check_index(ticket)
    }

    /// A run sees exactly what the caches relate to its primary.
    fn check_index(&self, ticket: &Ticket) -> Checked {
        let view = ticket.sight.view();
        let operator = self.stage.setting.operators[number(ticket.operator)];
        let records = view.secondaries.iter().zip(PRIMARY + 1..).flat_map(|(records, i)| records.iter().zip(repeat(i)));
        for (record, index) in records.chain([(&view.primary, PRIMARY)]) {
            let newest = self.feeds[operator.kind(index)].newest(&record.key);
            ensure!(record.rv.0 >= newest, Older, "a run sees {record:?}, the watch has shown {newest}");
        }
        let related = |record: &&Arc<Record>| {
            let controller = record.controller().filter(|owner| *owner.kind == *KINDS[operator.primary]);
            controller.is_some_and(|owner| owner.uid == view.primary.uid)
                && operator.in_reach(&view.primary.key, &record.key)
        };
        let below = |record: &&Arc<Record>| {
            let controller = record.controller().filter(|owner| *owner.kind == *KINDS[C]);
            let above = |c: &Arc<Record>| {
                controller.is_some_and(|owner| owner.uid == c.uid) && in_reach(C, &c.key, &record.key)
            };
            view.secondaries[0].iter().any(above)
        };
        let referred = |record: &&Arc<Record>| view.primary.names[0].contains(&record.key);
        let unknown =
            view.primary.names[0].iter().find(|key| self.stage.world.cache(CacheId(R)).unresolved(key).is_some());
        ensure!(unknown.is_none(), Missing, "a run begins that refers to {unknown:?}, which is not known");
        let stubs = self.stage.world.cache(CacheId(G));
        let of_parent = |c: &Arc<Record>| {
            let near = |key: &&Key| in_reach(C, &c.key, key) && stubs.unresolved(key).is_some();
            stubs.stubs().of_owner(c.uid).filter(near).cloned().collect::<Vec<_>>()
        };
        let unknown: Vec<_> = view.secondaries[0].iter().flat_map(of_parent).collect();
        ensure!(unknown.is_empty(), Missing, "a run begins whose {unknown:?} are not known");
        for (seen, index) in view.secondaries.iter().zip(PRIMARY + 1..) {
            let kind = operator.kind(index);
            let cache = self.stage.world.cache(CacheId(kind)).seen();
            let mut held: Vec<_> = match index {
                3 => cache.filter(below).collect(),
                4 => cache.filter(referred).collect(),
                _ => cache.filter(related).collect(),
            };
            held.sort_by(|a, b| a.key.cmp(&b.key));
            let same = held.len() == seen.len() && held.iter().zip(seen.iter()).all(|(a, b)| Arc::ptr_eq(a, b));
            ensure!(same, Missing, "a run sees {seen:?} of {}, the cache has {held:?}", KINDS[kind]);
        }
        Ok(())
    }

    /// A run goes on.
    pub(super) fn advance(&mut self) {
        if !self.strays.is_empty() && self.stage.rng.one_in(3) {
            let i = self.stage.rng.below(self.strays.len());
            self.strays[i].land(&mut self.stage);
            self.strays.retain(Run::is_astray);
        }
        if self.runs.is_empty() {
            return;
        }
        let i = self.stage.rng.below(self.runs.len());
        let mut run = self.runs.swap_remove(i);
        match run.advance(&mut self.stage) {
            None => {
                self.stage.tell(format_args!("a run goes on: {run:?}"));
                self.runs.push(run);
            }
            Some(outcome) => self.finish(run, outcome),
        }
        self.note();
    }

    fn finish(&mut self, run: Run, outcome: Outcome) {
        let Ticket { operator, id, uid, sight, .. } = &run.ticket;
        self.stage.tell(format_args!("a run of {} ends: {outcome:?}", sight.view().primary.key));
        let at = (number(*operator), uid.0);
        let failed = matches!(outcome, Outcome::Failed | Outcome::Unreachable { .. });
        let asked = matches!(outcome, Outcome::Done { requeue: Some(_) } | Outcome::Handled { requeue: Some(_) });
        if !failed && !sight.is_poisoned() {
            self.settled.insert(at, sight.sums().to_vec());
        }
        if !failed && !matches!(outcome, Outcome::Handled { .. }) {
            self.owed.remove(&at);
        }
        if failed || asked || sight.is_poisoned() {
            self.owed.insert(at);
        }
        self.stage.tally.poisoned += usize::from(!failed && sight.is_poisoned());
        self.news.seen(&run.ticket);
        let now = self.stage.now();
        self.stage.world.finish(*operator, *id, sight, *uid, outcome, now);
        if run.is_astray() {
            self.strays.push(run);
        }
    }

    /// The process ends and starts again.
    fn restart(&mut self) {
        self.stage.tell(format_args!("restart"));
        self.stage.tally.restarts += 1;
        for run in std::mem::take(&mut self.runs) {
            run.killed(&mut self.stage);
        }
        self.stage.world = self.stage.setting.world();
        self.stage.memory.clear();
        self.feeds = (0..KINDS.len()).map(Feed::new).collect();
        self.settled.clear();
        self.owed.clear();
        self.strays.clear();
        self.fetches.clear();
    }

    /// Learns what has been done to the server.
    pub(super) fn note(&mut self) {
        for deed in std::mem::take(&mut self.stage.server.deeds) {
            self.stage.tally.foreign += usize::from(deed.author.is_none());
            self.news.note(&deed, &self.stage.setting);
        }
    }
}

impl Stage {
    /// The time passes.
    fn pass(&mut self) {
        let long = self.may(Chance::Pause, 20);
        let (unit, most) = if long { (1000, 60) } else { (1, 100) };
        self.time += Duration::from_millis(unit * self.rng.below(most) as u64);
    }
}
