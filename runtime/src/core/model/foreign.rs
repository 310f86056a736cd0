//! What others do: users, other controllers, the garbage collector.

use std::sync::Arc;

use super::super::key::Key;
use super::super::testing::key;
use super::chance::Chance;
use super::operator::Operator;
use super::server::{C, D, Deed, G, KINDS, Object, P, Q, R};
use super::stage::Stage;

/// Of these the first few.
const PRIMARIES: [(usize, &str); 4] = [(P, "n/a"), (Q, "q"), (P, "n/b"), (P, "m/a")];
const CHILDREN: [&str; 6] = ["n/a", "n/q", "m/q", "n/x", "n/b", "m/a"];
const REFERRED: [&str; 4] = ["n/x", "n/y", "m/x", "n/z"];

impl Stage {
    /// Others do something.
    pub(super) fn foreign(&mut self) {
        let (kind, name) = match self.rng.below(8) {
            0..3 => PRIMARIES[self.rng.below(self.setting.primaries)],
            3..5 => (C, CHILDREN[self.rng.below(2 + self.setting.primaries)]),
            5 => (D, CHILDREN[self.rng.below(2 + self.setting.primaries)]),
            6 => (G, CHILDREN[self.rng.below(4)]),
            _ => (R, REFERRED[self.rng.below(4)]),
        };
        self.meddle(kind, &key(name));
    }

    /// Others do something to this object.
    pub(super) fn meddle(&mut self, kind: usize, key: &Key) {
        let primary = kind <= Q;
        let spec = self.rng.below(if primary { 8 } else { 16 }) as u8;
        self.tell(format_args!("foreign: {} {key}, spec {spec}", KINDS[kind]));
        if self.server.get(kind, key).is_none() {
            let owner = self.owner(kind);
            self.server.create(kind, key, spec, owner);
        } else if [C, D, G].contains(&kind) && self.may(Chance::Owner, 8) {
            let owner = self.owner(kind);
            self.server.edit(kind, key, |object| object.owner = owner);
        } else {
            self.edit(kind, key, spec);
        }
    }

    /// Others take back what a run has just written.
    pub(super) fn revert(&mut self, deed: &Deed) {
        if let (Some(old), Some(new)) = (&deed.old, &deed.new) {
            self.tell(format_args!("foreign: {} {} goes back to {}", KINDS[new.kind], new.key, old.rv));
            let (spec, mark) = (old.spec, old.mark);
            self.server.edit(new.kind, &new.key, |object| (object.spec, object.mark) = (spec, mark));
        }
    }

    /// A foreign hand on an object that exists.
    fn edit(&mut self, kind: usize, key: &Key, spec: u8) {
        let Some(old) = self.server.get(kind, key).cloned() else { return };
        let chance = match self.rng.below(18) {
            0..3 => return drop(self.server.edit(kind, key, |object| object.spec = spec)),
            3..6 => return drop(self.server.edit(kind, key, |object| object.extra = spec)),
            6..8 => Chance::Noise,
            8..11 => Chance::NetZero,
            11..13 => Chance::Delete,
            13 => Chance::Recreate,
            14..16 => Chance::Hold,
            _ => Chance::Garble,
        };
        if !self.may(chance, 1) {
            return;
        }
        let odd = spec % 2 == 1;
        let server = &mut self.server;
        match chance {
            Chance::Noise => drop(server.edit(kind, key, |object| object.noise = spec)),
            Chance::NetZero => {
                let Object { spec: before, extra, .. } = *old;
                server.edit(kind, key, |object| (object.spec, object.extra) = (spec, extra ^ 1));
                server.edit(kind, key, |object| (object.spec, object.extra) = (before, extra));
            }
            Chance::Delete => drop(server.delete(kind, key, old.uid)),
            Chance::Recreate => {
                let _ = server.delete(kind, key, old.uid);
                server.create(kind, key, spec, old.owner);
            }
            Chance::Hold => drop(server.edit(kind, key, |object| object.theirs = odd && !object.deleting)),
            _ => drop(server.edit(kind, key, |object| object.garbled = odd)),
        }
    }

    /// A controller: a primary, one that does not exist (any more), or none. A C may control a D, too.
    fn owner(&mut self, kind: usize) -> Option<(usize, u128)> {
        if kind <= Q || kind == R || self.rng.one_in(4) {
            let none = if kind == G { C } else { P };
            return ([C, D, G].contains(&kind) && self.rng.one_in(2)).then_some((none, 1_000_000));
        }
        let owns = |owner: usize| match kind {
            D => owner <= C,
            G => owner == C,
            _ => owner <= Q,
        };
        let owners = self.server.all().filter(|object| owns(object.kind));
        let owners: Vec<_> = owners.map(|object| (object.kind, object.uid)).collect();
        self.rng.pick(&owners).copied()
    }

    /// The garbage collector takes a child whose owner is gone.
    pub(super) fn collect(&mut self) {
        let Some(orphan) = self.server.orphan() else { return };
        self.tell(format_args!("the garbage collector takes {orphan:?}"));
        let _ = self.server.delete(orphan.kind, &orphan.key, orphan.uid);
    }

    /// Foreign hands let go of what stands in the way of an operator, of their finalizers, and mend what they have garbled.
    pub(super) fn let_go(&mut self) {
        let objects: Vec<Arc<Object>> = self.server.all().cloned().collect();
        for object in objects {
            let (kind, key) = (object.kind, &object.key);
            self.server.edit(kind, key, |object| (object.theirs, object.garbled) = (false, false));
            if self.stands_in_the_way(&object) {
                let _ = self.server.delete(kind, key, object.uid);
            }
        }
    }

    fn stands_in_the_way(&self, object: &Object) -> bool {
        let wants = |operator: &Operator| {
            let writes = [C, D].contains(&object.kind) && operator.writes[object.kind - C];
            let mut primaries = self.server.of(operator.primary).filter(|_| writes);
            primaries.any(|primary| {
                let home = (0..2).any(|n| operator.home(&primary.key, n).as_ref() == Some(&object.key));
                home && object.owner != Some((primary.kind, primary.uid))
            })
        };
        self.setting.operators.iter().any(wants)
    }
}
