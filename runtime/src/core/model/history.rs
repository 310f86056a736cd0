//! A history: foreign hands, watches, runs and restarts in any order.

use std::collections::HashMap;
use std::fmt::Arguments;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::super::cache::Event;
use super::super::key::Key;
use super::super::testing::key;
use super::super::world::{CacheId, OperatorId, Outcome, World};
use super::feed::{Feed, Shown};
use super::known::Memory;
use super::operator::{Seen, Setting};
use super::rng::Rng;
use super::run::{Env, Run, number};
use super::server::{C, D, KINDS, Object, P, Q, Server};

const PRIMARIES: [(usize, &str); 4] = [(P, "n/a"), (P, "n/b"), (P, "m/a"), (Q, "n/q")];
const CHILDREN: [&str; 5] = ["n/a", "n/b", "m/a", "n/q", "n/x"];

pub(super) struct History {
    pub(super) setting: Setting,
    pub(super) rng: Rng,
    pub(super) server: Server,
    pub(super) world: World,
    pub(super) feeds: Vec<Feed>,
    pub(super) runs: Vec<Run>,
    pub(super) memory: Memory,
    /// What the last run that settled a primary saw, by operator and uid.
    pub(super) settled: HashMap<(usize, u128), Vec<u128>>,
    start: Instant,
    pub(super) time: Duration,
    pub(super) begun: usize,
    /// On the way to rest: nothing foreign happens and nothing fails any more.
    pub(super) calm: bool,
    loud: bool,
}

impl History {
    pub(super) fn new(seed: u64, loud: bool) -> Self {
        let mut rng = Rng::new(seed);
        let setting = Setting::new(&mut rng, seed);
        let world = setting.world();
        let history = Self {
            setting,
            rng,
            server: Server::default(),
            world,
            feeds: (0..KINDS.len()).map(Feed::new).collect(),
            runs: Vec::new(),
            memory: Memory::default(),
            settled: HashMap::new(),
            start: Instant::now(),
            time: Duration::ZERO,
            begun: 0,
            calm: false,
            loud,
        };
        history.tell(format_args!("{:?}", history.setting));
        history
    }

    pub(super) fn now(&self) -> Instant {
        self.start + self.time
    }

    pub(super) fn tell(&self, what: Arguments<'_>) {
        if self.loud {
            eprintln!("{:?} rv {}: {what}", self.time, self.server.rv);
        }
    }

    pub(super) fn step(&mut self) {
        match self.rng.below(100) {
            0..22 => self.foreign(),
            22..52 => {
                let kind = self.rng.below(KINDS.len());
                self.watch(kind);
            }
            52..88 => {
                self.begin();
                for _ in 0..self.rng.below(4) {
                    self.advance();
                }
            }
            88..90 => {
                let kind = self.rng.below(KINDS.len());
                self.tell(format_args!("the watch of {} breaks", KINDS[kind]));
                self.feeds[kind].cut(&mut self.rng);
            }
            90..99 => self.time += Duration::from_millis(self.rng.below(100) as u64),
            _ if self.rng.one_in(5) => self.restart(),
            _ => drop(self.collect()),
        }
    }

    /// A watch shows its next event.
    pub(super) fn watch(&mut self, kind: usize) {
        let event = match self.feeds[kind].step(&self.server, &mut self.rng) {
            Shown::Nothing => return,
            Shown::Object(object) => Event::Applied(self.setting.record(&object)),
            Shown::Event(event) => event,
        };
        self.tell(format_args!("the watch of {} shows {event:?}", KINDS[kind]));
        let now = self.now();
        self.world.observe(CacheId(kind), event, now);
    }

    /// Starts a run that is due.
    pub(super) fn begin(&mut self) -> bool {
        let operator = self.rng.below(self.setting.operators.len());
        let Some(ticket) = self.world.pop(OperatorId(operator), self.now()) else { return false };
        self.begun += 1;
        self.tell(format_args!(
            "operator {operator} begins {:?} of {} by {}, sees {:?}",
            ticket.task,
            ticket.sight.view().primary.key,
            ticket.triggers,
            ticket.sight.view(),
        ));
        let twice = self.runs.iter().any(|run| {
            number(run.ticket.operator) == operator
                && run.ticket.sight.view().primary.key == ticket.sight.view().primary.key
        });
        assert!(!twice, "two runs of one primary at once");
        assert!(!ticket.triggers.is_empty(), "a run for nothing");
        let kinds = (0..3).map(|index| CacheId(self.setting.operators[operator].kind(index)));
        assert!(kinds.into_iter().all(|cache| self.world.is_complete(cache)), "a run before all caches are complete");
        self.memory.check(&ticket, &self.setting, &self.world, &self.feeds);
        self.check_index(&Seen::by(&ticket.sight), operator);
        self.runs.push(Run::new(ticket, &self.setting));
        true
    }

    /// A run sees exactly what the caches relate to its primary.
    fn check_index(&self, seen: &Seen, operator: usize) {
        let primary = &seen.primary;
        for (children, index) in seen.children.iter().zip(1..) {
            let kind = self.setting.operators[operator].kind(index);
            let records = self.world.cache(CacheId(kind)).seen();
            let objects = records.filter_map(|record| record.object::<Object>());
            let mut related: Vec<&Arc<Object>> = objects
                .filter(|o| o.owner == Some((primary.kind, primary.uid)))
                .filter(|o| o.key.namespace() == primary.key.namespace())
                .collect();
            related.sort_by(|a, b| a.key.cmp(&b.key));
            let children: Vec<_> = children.iter().collect();
            assert_eq!(related, children, "the index of {} and its cache", KINDS[kind]);
        }
    }

    /// A run goes on.
    pub(super) fn advance(&mut self) {
        if self.runs.is_empty() {
            return;
        }
        let i = self.rng.below(self.runs.len());
        let mut run = self.runs.swap_remove(i);
        let mut env = env(&mut self.setting, &mut self.rng, &mut self.server, &mut self.world, &mut self.memory);
        (env.now, env.calm) = (self.start + self.time, self.calm);
        let Some(outcome) = run.advance(&mut env) else {
            self.tell(format_args!("a run goes on: {run:?}"));
            self.runs.push(run);
            return;
        };
        self.finish(run, outcome);
    }

    fn finish(&mut self, run: Run, outcome: Outcome) {
        let ticket = run.ticket;
        self.tell(format_args!("a run of {} ends: {outcome:?}", ticket.sight.view().primary.key));
        let at = (number(ticket.operator), ticket.uid.0);
        if !matches!(outcome, Outcome::Failed | Outcome::Unreachable { .. }) && !ticket.sight.is_poisoned() {
            self.settled.insert(at, ticket.sight.sums().to_vec());
        }
        let now = self.now();
        self.world.finish(ticket.operator, ticket.id, &ticket.sight, ticket.uid, outcome, now);
    }

    /// The process ends and starts again.
    fn restart(&mut self) {
        self.tell(format_args!("restart"));
        for run in std::mem::take(&mut self.runs) {
            let mut env = env(&mut self.setting, &mut self.rng, &mut self.server, &mut self.world, &mut self.memory);
            env.now = self.start + self.time;
            run.killed(&mut env);
        }
        self.world = self.setting.world();
        self.feeds = (0..KINDS.len()).map(Feed::new).collect();
        self.memory.clear();
        self.settled.clear();
    }

    /// The garbage collector takes a child whose owner is gone.
    pub(super) fn collect(&mut self) -> bool {
        let Some(orphan) = self.server.orphan() else { return false };
        self.tell(format_args!("the garbage collector takes {orphan:?}"));
        let _ = self.server.delete(orphan.kind, &orphan.key, orphan.uid);
        true
    }

    fn foreign(&mut self) {
        if self.rng.one_in(3) {
            let (kind, name) = PRIMARIES[self.rng.below(PRIMARIES.len())];
            let spec = self.rng.below(8) as u8;
            self.tell(format_args!("foreign: {} {name}, spec {spec}", KINDS[kind]));
            if self.rng.one_in(4) || self.server.get(kind, &key(name)).is_none() {
                self.server.create(kind, name, spec, None);
            } else {
                self.edit(kind, name, spec);
            }
        } else {
            let kind = if self.rng.one_in(2) { C } else { D };
            let name = CHILDREN[self.rng.below(CHILDREN.len())];
            let spec = self.rng.below(16) as u8;
            self.tell(format_args!("foreign: {} {name}, spec {spec}", KINDS[kind]));
            let owner = self.owner();
            match self.server.get(kind, &key(name)) {
                None => self.server.create(kind, name, spec, owner),
                Some(_) if self.rng.one_in(8) => {
                    self.server.edit(kind, &key(name), |object| object.owner = owner);
                }
                Some(_) => self.edit(kind, name, spec),
            }
        }
    }

    /// A foreign hand on an object that exists.
    fn edit(&mut self, kind: usize, name: &str, spec: u8) {
        let key = &key(name);
        let Some(Object { uid, owner, .. }) = self.server.get(kind, key).map(|object| (**object).clone()) else {
            return;
        };
        let server = &mut self.server;
        match self.rng.below(16) {
            0..3 => drop(server.edit(kind, key, |object| object.spec = spec)),
            3..6 => drop(server.edit(kind, key, |object| object.extra = spec)),
            6..8 => drop(server.edit(kind, key, |object| object.noise = spec)),
            8..11 => {
                // Net zero.
                let Object { spec: old, extra, .. } = *server.get(kind, key).expect("it exists").clone();
                server.edit(kind, key, |object| (object.spec, object.extra) = (spec, extra ^ 1));
                server.edit(kind, key, |object| (object.spec, object.extra) = (old, extra));
            }
            11..13 => drop(server.delete(kind, key, uid)),
            13 => {
                let _ = server.delete(kind, key, uid);
                server.create(kind, name, spec, owner);
            }
            14 => drop(server.edit(kind, key, |object| object.theirs = !object.theirs && !object.deleting)),
            _ => drop(server.edit(kind, key, |object| object.theirs = false)),
        }
    }

    /// A controller: a primary, one that does not exist (any more), or none.
    fn owner(&mut self) -> Option<(usize, u128)> {
        if self.rng.one_in(4) {
            return (self.rng.one_in(2)).then_some((P, 1_000_000));
        }
        let primaries: Vec<_> = self.server.all().filter(|o| o.kind <= Q).map(|o| (o.kind, o.uid)).collect();
        self.rng.pick(&primaries).copied()
    }

    /// Foreign hands let go of what stands in the way of an operator, and of their finalizers.
    pub(super) fn let_go(&mut self) {
        let objects: Vec<Arc<Object>> = self.server.all().cloned().collect();
        for object in objects {
            let (kind, key) = (object.kind, &object.key);
            if object.theirs {
                self.server.edit(kind, key, |object| object.theirs = false);
            }
            if kind > Q && self.stands_in_the_way(&object, key) {
                let _ = self.server.delete(kind, key, object.uid);
            }
        }
    }

    fn stands_in_the_way(&self, object: &Object, key: &Key) -> bool {
        let mut wanted =
            self.setting.operators.iter().filter(|o| o.writes).filter_map(|o| self.server.get(o.primary, key));
        wanted.any(|primary| object.owner != Some((primary.kind, primary.uid)))
    }
}

fn env<'a>(
    setting: &'a mut Setting,
    rng: &'a mut Rng,
    server: &'a mut Server,
    world: &'a mut World,
    memory: &'a mut Memory,
) -> Env<'a> {
    Env { setting, rng, server, world, memory, now: Instant::now(), calm: false }
}
