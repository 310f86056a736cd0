//! What the modelled operators look at and want: pure functions of what a run sees.

use std::sync::Arc;

use super::super::fingerprint::REFUSED;
use super::super::key::Key;
use super::super::record::Record;
use super::super::relation;
use super::rng::hash;
use super::server::{C, D, G, Object, Q, R, Server, in_reach, namespaced};
use crate::core::rules::{Rule, holds};
use crate::snapshot::View;

/// One operator of a history.
#[derive(Clone, Copy, Debug)]
pub(super) struct Operator {
    /// The kind of its primaries.
    pub(super) primary: usize,
    /// Whether it writes Cs, and Ds. One that writes neither writes its status alone.
    pub(super) writes: [bool; 2],
    pub(super) finalizer: bool,
    /// Looks at more of a D than the others.
    pub(super) curious: bool,
    /// Not all objects of the kind are primaries.
    pub(super) filter: bool,
}

impl Operator {
    pub(super) fn kind(self, index: usize) -> usize {
        [self.primary, C, D, G, R][index]
    }

    /// The key of the children in the `n`th place: a namespaced primary has one place, a cluster-scoped one has two.
    pub(super) fn home(self, primary: &Key, n: usize) -> Option<Key> {
        match (namespaced(self.primary), n) {
            (true, 0) => Some(primary.clone()),
            (true, _) => None,
            (false, _) => Some(Key::new(Some(["n", "m"][n]), primary.name())),
        }
    }

    /// Whether a child under this key can belong to a primary under that one.
    pub(super) fn in_reach(self, primary: &Key, child: &Key) -> bool {
        in_reach(self.primary, primary, child)
    }

    /// Whether a primary makes no sense to this operator.
    pub(super) fn rejects(self, primary: &Object) -> bool {
        self.primary <= Q && primary.spec == 7
    }

    /// Whether the operator's filter keeps this object from being a primary.
    pub(super) fn refuses(self, object: &Object) -> bool {
        self.filter && object.kind == self.primary && !object.garbled && object.spec % 4 == 2
    }

    /// The fields that this operator looks at.
    fn projection(self, object: &Object) -> [u64; 3] {
        let [spec, extra, mark] = [object.spec, object.extra, object.mark].map(|field| u64::from(field) + 1);
        match object.kind {
            C if self.writes[0] => [spec, extra, mark],
            C => [0, extra, 0],
            G => [spec, 0, 0],
            R => [spec, 0, mark],
            _ if self.curious => [spec, extra, 0],
            _ => [spec, 0, 0],
        }
    }

    /// The fingerprint of an object. Any write moves that of one that cannot be decoded.
    pub(super) fn print(self, object: &Object) -> u128 {
        if self.refuses(object) {
            return REFUSED;
        }
        let uid = if holds(Rule::UidInFingerprint) { object.uid as u64 } else { 0 };
        let [a, b, c] = if object.garbled { [0, 0, object.rv] } else { self.projection(object) };
        let words = [uid, object.deleting.into(), a, b, c];
        u128::from(hash(words)) << 64 | u128::from(hash(words.map(|word| !word)))
    }
}

/// What an operator knows of one primary: the view of a run, or the truth.
#[derive(Debug)]
pub(super) struct Seen {
    pub(super) primary: Arc<Object>,
    /// Of the kinds C, D, G and R, by key.
    pub(super) children: [Vec<Arc<Object>>; 4],
}

impl Seen {
    pub(super) fn of(view: &View) -> Self {
        let children = |i: usize| view.secondaries[i].iter().filter_map(|record| object(record)).collect();
        let primary = object(&view.primary).expect("a primary that was never decoded does not run");
        Self { primary, children: [0, 1, 2, 3].map(children) }
    }

    pub(super) fn truth(server: &Server, primary: &Arc<Object>) -> Self {
        let ours = |object: &&Arc<Object>| {
            object.owner == Some((primary.kind, primary.uid)) && in_reach(primary.kind, &primary.key, &object.key)
        };
        let children = |kind| -> Vec<Arc<Object>> { server.of(kind).filter(ours).cloned().collect() };
        let [of_c, of_d] = [C, D].map(children);
        let below = |object: &&Arc<Object>| {
            of_c.iter().any(|c| object.owner == Some((C, c.uid)) && in_reach(C, &c.key, &object.key))
        };
        let of_g = server.of(G).filter(below).cloned().collect();
        let of_r = server.of(R).filter(|object| primary.refers().contains(&object.key)).cloned().collect();
        Self { primary: primary.clone(), children: [of_c, of_d, of_g, of_r] }
    }

    /// The fingerprints of this state.
    pub(super) fn sums(&self, operator: Operator) -> Vec<u128> {
        let sum = |of: &[Arc<Object>]| of.iter().fold(0u128, |sum, object| sum.wrapping_add(operator.print(object)));
        let mut sums: Vec<u128> =
            std::iter::once(operator.print(&self.primary)).chain(self.children.iter().map(|of| sum(of))).collect();
        sums[4] = sums[4].wrapping_add(relation::print(&self.primary.refers()));
        sums
    }

    fn child(&self, index: usize, key: &Key) -> Option<&Arc<Object>> {
        self.children[index - 1].iter().find(|child| child.key == *key)
    }

    /// All that refer to an R want the same of it.
    fn touch(&self, n: usize) -> Want {
        let object = self.children[3].get(n).filter(|object| !object.deleting && object.mark != 1);
        object.map_or(Want::Nothing, |object| Want::Mark { index: 4, key: object.key.clone(), mark: 1 })
    }

    /// The first child that is to go, of those in `indices` of which `goes` says so.
    fn remove(&self, indices: impl Fn(usize) -> bool, goes: impl Fn(&Object) -> bool) -> Want {
        let children = self.children.iter().enumerate().flat_map(|(i, of)| of.iter().map(move |child| (i + 1, child)));
        let mut doomed = children.filter(|(index, child)| indices(*index) && !child.deleting && goes(child));
        match doomed.next() {
            Some((index, child)) => Want::Delete { index, key: child.key.clone(), uid: child.uid },
            None => Want::Nothing,
        }
    }
}

/// The object as a user sees it: the last good copy, and what the metadata says by now.
fn object(record: &Record) -> Option<Arc<Object>> {
    let object = record.object::<Object>()?;
    let current = object.deleting == record.deleting;
    Some(if current { object.clone() } else { Arc::new(Object { deleting: record.deleting, ..(**object).clone() }) })
}

/// The steps of a run; those of children with the place of the child.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    Finalizer,
    Validate,
    C(usize),
    Mark,
    D(usize),
    /// A patch of what the primary refers to, by its place.
    Touch(usize),
    Prune,
    Status,
    Clear,
    Release,
}

use Phase::{Clear, Finalizer, Mark, Prune, Release, Status, Validate};

pub(super) const RECONCILE: &[Phase] = &[
    Finalizer,
    Validate,
    Phase::C(0),
    Mark,
    Phase::C(1),
    Phase::D(0),
    Phase::D(1),
    Phase::Touch(0),
    Phase::Touch(1),
    Prune,
    Status,
];
/// Decides on a D before it learns, by the answer of its write, of a foreign change to the C that the D depends on.
pub(super) const BACKWARDS: &[Phase] = &[
    Finalizer,
    Validate,
    Phase::Touch(0),
    Phase::Touch(1),
    Prune,
    Phase::D(0),
    Phase::D(1),
    Phase::C(0),
    Mark,
    Phase::C(1),
    Status,
];
/// A change of a D alone leaves the rest of the reconcile as it is.
pub(super) const HANDLE: &[Phase] = &[Validate, Phase::D(0), Phase::D(1), Prune, Status];
pub(super) const CLEANUP: &[Phase] = &[Clear, Release];

impl Phase {
    /// Whether a run may take this step while it still awaits writes of others like it.
    pub(super) fn is_concurrent(self) -> bool {
        matches!(self, Self::C(_) | Self::D(_) | Self::Mark)
    }
}

/// What a run wants of a step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Want {
    Nothing,
    Apply {
        index: usize,
        key: Key,
        spec: u8,
    },
    Mark {
        index: usize,
        key: Key,
        mark: u8,
    },
    Delete {
        index: usize,
        key: Key,
        uid: u128,
    },
    Status(u64),
    /// To have our finalizer on the primary, or not.
    Finalizer(bool),
    /// The primary makes no sense.
    Terminal,
}

impl Operator {
    /// What this operator wants of a step, and whether the step has to be taken again afterwards.
    pub(super) fn want(self, number: usize, phase: Phase, seen: &Seen) -> (Want, bool) {
        let Object { spec, ref key, .. } = *seen.primary;
        let writes = |index: usize| self.writes.get(index - 1).is_some_and(|writes| *writes);
        let want = match phase {
            Finalizer if self.finalizer && !seen.primary.ours => Want::Finalizer(true),
            Validate if self.rejects(&seen.primary) => Want::Terminal,
            Phase::C(n) if writes(1) => self.home(key, n).map_or(Want::Nothing, |key| match spec % 4 {
                3 => gone(1, key, seen),
                _ => Want::Apply { index: 1, key, spec: spec / 2 },
            }),
            Mark if writes(1) => self.mark(seen),
            Phase::D(n) if writes(2) => self.home(key, n).map_or(Want::Nothing, |key| {
                match seen.child(1, &key).filter(|c| spec % 4 != 3 && !c.deleting && c.extra % 3 != 0) {
                    Some(c) => Want::Apply { index: 2, key, spec: (spec + c.extra) % 16 },
                    None => gone(2, key, seen),
                }
            }),
            Prune if spec % 2 == 1 => {
                let homes: Vec<Key> = (0..2).filter_map(|n| self.home(key, n)).collect();
                seen.remove(writes, |child| !homes.contains(&child.key))
            }
            Phase::Touch(n) if self.writes == [true, true] => seen.touch(n),
            Clear => seen.remove(|index| index <= 2, |_| true),
            Release if seen.children[..2].iter().all(Vec::is_empty) => Want::Finalizer(false),
            Status => Want::Status(self.status(number, seen)),
            _ => Want::Nothing,
        };
        let again = matches!(phase, Prune | Clear) && want != Want::Nothing;
        (want, again)
    }

    /// A patch of the first C, where there is one.
    fn mark(self, seen: &Seen) -> Want {
        let Object { spec, ref key, .. } = *seen.primary;
        let child = self.home(key, 0).and_then(|key| seen.child(1, &key)).filter(|child| !child.deleting);
        match child {
            Some(child) if spec % 4 != 3 => Want::Mark { index: 1, key: child.key.clone(), mark: spec % 3 },
            _ => Want::Nothing,
        }
    }

    fn status(self, number: usize, seen: &Seen) -> u64 {
        let objects = seen.children.iter().flatten().chain([&seen.primary]);
        hash(objects.flat_map(|object| {
            let [a, b, c] = self.projection(object);
            [number as u64, object.uid as u64, object.deleting.into(), a, b, c]
        }))
    }

    /// Whether the truth already is as a run would want it to be.
    pub(super) fn is_met(self, number: usize, phase: Phase, seen: &Seen) -> bool {
        match self.want(number, phase, seen).0 {
            Want::Nothing => true,
            Want::Apply { index, key, spec } => seen.child(index, &key).is_some_and(|child| child.spec == spec),
            Want::Mark { index, key, mark } => seen.child(index, &key).is_some_and(|child| child.mark == mark),
            Want::Status(status) => seen.primary.status[number] == status,
            Want::Delete { .. } | Want::Finalizer(_) | Want::Terminal => false,
        }
    }
}

fn gone(index: usize, key: Key, seen: &Seen) -> Want {
    match seen.child(index, &key).filter(|child| !child.deleting) {
        Some(child) => Want::Delete { index, key, uid: child.uid },
        None => Want::Nothing,
    }
}
