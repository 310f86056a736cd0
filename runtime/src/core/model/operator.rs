//! What the modelled operators look at and want: pure functions of what a run sees.

use std::sync::Arc;
use std::time::Duration;

use super::super::finalizers::Finalizers;
use super::super::fingerprint::Sight;
use super::super::key::{Key, Rv, Uid};
use super::super::queue::Pace;
use super::super::raw::{Owner, RawMeta};
use super::super::record::Record;
use super::super::testing::kind;
use super::super::world::{CacheId, Source, World};
use super::rng::{Rng, hash};
use super::server::{C, D, KINDS, Object, P, Q, Server};
use crate::operator::{Declaration, Secondary};
use crate::projection::Projection;

/// One operator of a history.
#[derive(Clone, Copy, Debug)]
pub(super) struct Operator {
    /// The kind of its primaries.
    pub(super) primary: usize,
    /// Writes children; an observer writes its status alone.
    pub(super) writes: bool,
    pub(super) finalizer: bool,
    /// Looks at more of a D than the others.
    pub(super) curious: bool,
}

/// The setting of a history.
#[derive(Clone, Debug)]
pub(super) struct Setting {
    pub(super) operators: Vec<Operator>,
    /// Answers get lost.
    pub(super) lossy: bool,
    /// Writes that would change nothing are not sent.
    pub(super) thrifty: bool,
    pub(super) backwards: bool,
    pub(super) debounce: Duration,
    /// The debounce that D declares for itself.
    pub(super) debounce_of_d: Option<Duration>,
    pub(super) seed: u64,
}

impl Setting {
    pub(super) fn new(rng: &mut Rng, seed: u64) -> Self {
        let first = Operator { primary: P, writes: true, finalizer: rng.one_in(2), curious: false };
        let mut operators = vec![first];
        match rng.below(3) {
            0 => {}
            1 => operators.push(Operator { primary: P, writes: false, finalizer: false, curious: true }),
            _ => operators.push(Operator { primary: Q, writes: true, finalizer: rng.one_in(2), curious: true }),
        }
        let lossy = rng.one_in(2);
        let debounce = Duration::from_millis(if rng.one_in(4) { 20 } else { 0 });
        let debounce_of_d = rng.one_in(3).then_some(Duration::from_millis(50));
        let (thrifty, backwards) = (rng.one_in(2), rng.one_in(2));
        Self { operators, lossy, thrifty, backwards, debounce, debounce_of_d, seed }
    }

    /// A world as it is after the start of the process.
    pub(super) fn world(&self) -> World {
        let mut world = World::default();
        for _ in KINDS {
            world.add_cache();
        }
        let pace = Pace {
            debounce: self.debounce,
            resync: None,
            backoff: Duration::from_millis(100),
            max_backoff: Duration::from_secs(60),
        };
        for (projection, operator) in self.operators.iter().enumerate() {
            let sources = [operator.primary, C, D].map(|kind| Source { cache: CacheId(kind), projection }).to_vec();
            let mut declaration = operator.declaration();
            declaration.secondaries[1].debounce = self.debounce_of_d;
            world.add_operator(&declaration, sources, pace, 2, self.seed);
        }
        world
    }

    /// The record of an object, as a watch or an answer makes it.
    pub(super) fn record(&self, object: &Arc<Object>) -> Record {
        let owner = |&(kind, uid): &(usize, u128)| Owner {
            uid: Uid(uid),
            group: "test".into(),
            kind: KINDS[kind].into(),
            controller: true,
        };
        let finalizers = [(object.ours, "ours"), (object.theirs, "theirs")];
        let meta = RawMeta {
            key: object.key.clone(),
            uid: Uid(object.uid),
            rv: Rv(object.rv),
            opaque: None,
            deleting: object.deleting,
            generation: Some(object.generation),
            finalizers: finalizers.into_iter().filter(|(set, _)| *set).map(|(_, name)| name.into()).collect(),
            created: Box::default(),
            owners: object.owner.iter().map(owner).collect(),
        };
        let prints = self.operators.iter().map(|operator| operator.print(object)).collect();
        Record::made(meta, prints, Some(Arc::new(object.clone())))
    }
}

impl Operator {
    fn declaration(self) -> Declaration {
        let secondary = |kind_of, handler| Secondary {
            name: KINDS[kind_of],
            attribute: "",
            kind: kind(KINDS[kind_of], true),
            projection: Projection::content(),
            one: false,
            handler,
            debounce: None,
            force: true,
        };
        Declaration {
            name: KINDS[self.primary],
            primary: kind(KINDS[self.primary], true),
            projection: Projection::content(),
            finalizers: Finalizers { own: self.finalizer.then_some("ours"), former: &[] },
            resync: None,
            timeout: Duration::MAX,
            secondaries: vec![secondary(C, false), secondary(D, self.writes)],
        }
    }

    pub(super) fn kind(self, index: usize) -> usize {
        [self.primary, C, D][index]
    }

    /// The fields that this operator looks at.
    fn projection(self, object: &Object) -> [u64; 2] {
        let spec = u64::from(object.spec) + 1;
        let extra = u64::from(object.extra) + 1;
        match object.kind {
            C if self.writes => [spec, extra],
            C => [0, extra],
            _ if self.curious => [spec, extra],
            _ => [spec, 0],
        }
    }

    /// The fingerprint of an object.
    pub(super) fn print(self, object: &Object) -> u128 {
        let [a, b] = self.projection(object);
        let words = [object.uid as u64, object.deleting.into(), a, b];
        u128::from(hash(words)) << 64 | u128::from(hash(words.map(|word| !word)))
    }
}

/// What an operator knows of one primary: the view of a run, or the truth.
#[derive(Debug)]
pub(super) struct Seen {
    pub(super) primary: Arc<Object>,
    /// Of the kinds C and D, by key.
    pub(super) children: [Vec<Arc<Object>>; 2],
}

impl Seen {
    pub(super) fn by(sight: &Sight) -> Self {
        let object = |record: &Arc<Record>| record.object::<Object>().expect("all objects can be decoded").clone();
        let view = sight.view();
        let children = |i: usize| view.secondaries[i].iter().map(object).collect();
        Self { primary: object(&view.primary), children: [children(0), children(1)] }
    }

    pub(super) fn truth(server: &Server, primary: &Arc<Object>) -> Self {
        let ours = |object: &&Arc<Object>| {
            object.owner == Some((primary.kind, primary.uid)) && object.key.namespace() == primary.key.namespace()
        };
        let children = |kind| server.of(kind).filter(ours).cloned().collect();
        Self { primary: primary.clone(), children: [children(C), children(D)] }
    }

    /// The fingerprints of this state.
    pub(super) fn sums(&self, operator: Operator) -> Vec<u128> {
        let sum = |of: &[Arc<Object>]| of.iter().fold(0u128, |sum, object| sum.wrapping_add(operator.print(object)));
        vec![operator.print(&self.primary), sum(&self.children[0]), sum(&self.children[1])]
    }

    fn child(&self, index: usize) -> Option<&Arc<Object>> {
        self.children[index - 1].iter().find(|child| child.key == self.primary.key)
    }

    /// The first child that is to go, if `goes` says so.
    fn remove(&self, goes: impl Fn(&Object) -> bool) -> Want {
        let children = self.children.iter().enumerate().flat_map(|(i, of)| of.iter().map(move |child| (i + 1, child)));
        let mut doomed = children.filter(|(_, child)| !child.deleting && goes(child));
        match doomed.next() {
            Some((index, child)) => Want::Delete { index, key: child.key.clone(), uid: child.uid },
            None => Want::Nothing,
        }
    }
}

/// The steps of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    Finalizer,
    Validate,
    C,
    D,
    Prune,
    Status,
    Clear,
    Release,
}

pub(super) const RECONCILE: &[Phase] =
    &[Phase::Finalizer, Phase::Validate, Phase::C, Phase::D, Phase::Prune, Phase::Status];
/// Decides on a D before it learns, by the answer of its write, of a foreign change to the C that the D depends on.
pub(super) const BACKWARDS: &[Phase] =
    &[Phase::Finalizer, Phase::Validate, Phase::Prune, Phase::D, Phase::C, Phase::Status];
/// A change of a D alone leaves the rest of the reconcile as it is.
pub(super) const HANDLE: &[Phase] = &[Phase::Validate, Phase::D, Phase::Prune, Phase::Status];
pub(super) const CLEANUP: &[Phase] = &[Phase::Clear, Phase::Release];

/// What a run wants of a step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Want {
    Nothing,
    Apply {
        index: usize,
        spec: u8,
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
        let Object { spec, .. } = *seen.primary;
        let want = match phase {
            Phase::Finalizer if self.finalizer && !seen.primary.ours => Want::Finalizer(true),
            Phase::Validate if spec == 7 => Want::Terminal,
            Phase::C if self.writes && spec % 4 != 3 => Want::Apply { index: 1, spec: spec / 2 },
            Phase::C if self.writes => gone(1, seen),
            Phase::D if self.writes => match seen.child(1).filter(|c| spec % 4 != 3 && !c.deleting && c.extra % 3 != 0)
            {
                Some(c) => Want::Apply { index: 2, spec: (spec + c.extra) % 16 },
                None => gone(2, seen),
            },
            Phase::Prune if self.writes && spec % 2 == 1 => seen.remove(|child| child.key != seen.primary.key),
            Phase::Clear => seen.remove(|_| true),
            Phase::Release if seen.children.iter().all(Vec::is_empty) => Want::Finalizer(false),
            Phase::Status => Want::Status(self.status(number, seen)),
            _ => Want::Nothing,
        };
        let again = matches!(phase, Phase::Prune | Phase::Clear) && want != Want::Nothing;
        (want, again)
    }

    fn status(self, number: usize, seen: &Seen) -> u64 {
        let objects = seen.children.iter().flatten().chain([&seen.primary]);
        hash(objects.flat_map(|object| {
            let [a, b] = self.projection(object);
            [number as u64, object.uid as u64, object.deleting.into(), a, b]
        }))
    }

    /// Whether the truth already is as a run would want it to be.
    pub(super) fn is_met(self, number: usize, phase: Phase, seen: &Seen) -> bool {
        match self.want(number, phase, seen).0 {
            Want::Nothing => true,
            Want::Apply { index, spec } => seen.child(index).is_some_and(|child| child.spec == spec),
            Want::Status(status) => seen.primary.status[number] == status,
            Want::Delete { .. } | Want::Finalizer(_) | Want::Terminal => false,
        }
    }
}

fn gone(index: usize, seen: &Seen) -> Want {
    match seen.child(index).filter(|child| !child.deleting) {
        Some(child) => Want::Delete { index, key: child.key.clone(), uid: child.uid },
        None => Want::Nothing,
    }
}
