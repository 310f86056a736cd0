//! What all parts of a history work with.

use std::fmt::Arguments;
use std::ops::AddAssign;
use std::time::{Duration, Instant};

use super::super::world::World;
use super::chance::Chance;
use super::known::Memory;
use super::rng::Rng;
use super::server::{Deed, Server};
use super::setting::Setting;

#[derive(Debug)]
pub(super) struct Stage {
    pub(super) setting: Setting,
    pub(super) rng: Rng,
    pub(super) server: Server,
    pub(super) world: World,
    pub(super) memory: Memory,
    pub(super) tally: Tally,
    /// On the way to rest: nothing foreign happens and nothing fails any more that need not.
    pub(super) calm: bool,
    pub(super) time: Duration,
    start: Instant,
    loud: bool,
}

/// What was counted.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Tally {
    pub(super) steps: usize,
    pub(super) runs: usize,
    pub(super) writes: usize,
    /// Changes by others.
    pub(super) foreign: usize,
    pub(super) lists: usize,
    pub(super) restarts: usize,
    /// Runs that cannot vouch for all that they saw, so that another one follows.
    pub(super) poisoned: usize,
    /// Runs by a change, though nobody else has changed anything.
    pub(super) vain: usize,
}

impl Stage {
    pub(super) fn new(setting: Setting, rng: Rng, loud: bool) -> Self {
        let world = setting.world();
        Self {
            setting,
            rng,
            server: Server::default(),
            world,
            memory: Memory::default(),
            tally: Tally::default(),
            calm: false,
            time: Duration::ZERO,
            start: Instant::now(),
            loud,
        }
    }

    pub(super) fn now(&self) -> Instant {
        self.start + self.time
    }

    /// Whether something happens that has a chance of one in `n`, if any. The same random numbers are drawn either way, so that
    /// a history without it is much the same.
    pub(super) fn may(&mut self, chance: Chance, n: usize) -> bool {
        let hit = self.rng.one_in(n);
        hit && !self.calm && self.setting.chances.has(chance)
    }

    /// The run that did this will never know.
    pub(super) fn unheard(&mut self, deed: Option<Deed>) {
        self.server.deeds.extend(deed.map(|deed| Deed { unheard: true, ..deed }));
    }

    pub(super) fn tell(&self, what: Arguments<'_>) {
        if self.loud {
            eprintln!("{:?} rv {}: {what}", self.time, self.server.rv);
        }
    }
}

impl AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.steps += other.steps;
        self.runs += other.runs;
        self.writes += other.writes;
        self.foreign += other.foreign;
        self.lists += other.lists;
        self.restarts += other.restarts;
        self.poisoned += other.poisoned;
        self.vain += other.vain;
    }
}
