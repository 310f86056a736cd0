//! The setting of a history: who operates on what, and what may happen.

use std::sync::Arc;
use std::time::Duration;

use kube::core::Expression;

use super::super::finalizers::Finalizers;
use super::super::key::{Rv, Uid};
use super::super::naming::Naming;
use super::super::pace::Pace;
use super::super::raw::{Owner, RawMeta};
use super::super::record::{Asked, Record};
use super::super::relation::{Owners, Relation};
use super::super::testing::kind;
use super::super::world::{CacheId, Source, World};
use super::chance::Chances;
use super::operator::Operator;
use super::rng::Rng;
use super::server::{C, D, G, KINDS, Object, P, Q, R, namespaced};
use crate::debounce::Debounce;
use crate::operator::Declaration;
use crate::projection::Projection;
use crate::secondary::{Related, Secondary};

/// The period of the resync, where there is one.
const RESYNC: Duration = Duration::from_secs(30);

#[derive(Clone, Debug)]
pub(super) struct Setting {
    pub(super) operators: Vec<Operator>,
    pub(super) chances: Chances,
    /// How many primaries there may be. The fewer, the more happens to each.
    pub(super) primaries: usize,
    /// Lists arrive as a whole. Otherwise what a run sees may be a mixture of before and after the list.
    pub(super) atomic: bool,
    /// Writes that would change nothing are not sent.
    pub(super) thrifty: bool,
    /// Objects that nobody controls are taken over.
    pub(super) adopts: bool,
    pub(super) backwards: bool,
    debounce: Duration,
    /// The debounce that D declares for itself.
    debounce_of_d: Option<Debounce>,
    pub(super) resync: bool,
    seed: u64,
}

impl Setting {
    pub(super) fn draw(rng: &mut Rng, seed: u64) -> Self {
        let mut operators = operators(rng);
        for operator in operators.iter_mut().filter(|operator| !operator.finalizer) {
            // Whoever leaves would be kept by a finalizer for ever.
            operator.filter = rng.one_in(4);
        }
        Self {
            operators,
            chances: Chances::draw(rng),
            primaries: 1 + rng.below(4),
            atomic: rng.one_in(2),
            thrifty: rng.one_in(2),
            adopts: rng.one_in(4),
            backwards: rng.one_in(2),
            debounce: Duration::from_millis(if rng.one_in(4) { 20 } else { 0 }),
            debounce_of_d: rng.one_in(3).then(|| debounce(rng)),
            resync: rng.one_in(4),
            seed,
        }
    }

    /// A world as it is after the start of the process.
    pub(super) fn world(&self) -> World {
        let mut world = World::default();
        for _ in KINDS {
            world.add_cache(&[]);
        }
        let pace = Pace {
            debounce: self.debounce,
            resync: self.resync.then_some(RESYNC),
            backoff: Duration::from_millis(100),
            max_backoff: Duration::from_secs(10),
        };
        for (projection, operator) in self.operators.iter().enumerate() {
            let sources =
                [operator.primary, C, D, G, R].map(|kind| Source { cache: CacheId(kind), projection }).to_vec();
            let mut declaration = declaration(*operator);
            declaration.secondaries[1].debounce = self.debounce_of_d.clone();
            let owned = Relation::Owned(Owners::of(&declaration.primary, false));
            let through = Relation::Through { parent: 0, owners: Owners::of(&kind(KINDS[C], true), false) };
            let relations = [owned.clone(), owned, through, Relation::Referenced { names: 0 }];
            world.add_operator(&declaration, sources, relations.into(), pace, 2, self.seed);
        }
        world
    }

    /// The record of an object, as a watch or an answer makes it. `held`: the one there was.
    pub(super) fn record(&self, object: &Arc<Object>, held: Option<&Record>) -> Record {
        let owner = |&(kind, uid): &(usize, u128)| Owner {
            uid: Uid(uid),
            group: "test".into(),
            kind: KINDS[kind].into(),
            controller: true,
        };
        let refers = object.kind <= C;
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
            names: if refers { [object.refers()].into() } else { Box::default() },
        };
        if object.garbled {
            let projections = vec![Projection::content(); self.operators.len()].into();
            let names = Naming::Function { names: Arc::new(|_| Vec::new()), namespaced: true, cross: false };
            let namings = if refers { [names].into() } else { [].into() };
            let asked = Asked { projections, managers: [].into(), namings, forms: Arc::default() };
            return Record::undecodable(meta, &asked, held);
        }
        let prints = self.operators.iter().map(|operator| operator.print(object)).collect();
        Record::made(meta, prints, Some(Arc::new(object.clone())))
    }
}

/// One that writes everything; beside it one that looks on, one that shares the work or the kinds, or one to which the Cs are
/// primaries.
fn operators(rng: &mut Rng) -> Vec<Operator> {
    let operator = |primary, writes, finalizer| Operator { primary, writes, finalizer, curious: false, filter: false };
    let worker = operator(P, [true, true], rng.one_in(2));
    let onlooker = Operator { curious: true, ..operator(P, [false, false], false) };
    let neighbor = Operator { curious: true, ..operator(Q, [true, true], rng.one_in(2)) };
    let nested = Operator { curious: true, ..operator(C, [false, false], false) };
    match rng.below(6) {
        0 => vec![worker],
        1 => vec![worker, onlooker],
        2 => vec![worker, neighbor],
        3 => vec![worker, onlooker, neighbor],
        4 => vec![worker, nested],
        _ => vec![Operator { writes: [true, false], ..worker }, Operator { writes: [false, true], ..onlooker }],
    }
}

/// The same for every change, or by what is there then.
fn debounce(rng: &mut Rng) -> Debounce {
    let by_version = |record: &Record| Duration::from_millis(if record.rv.0.is_multiple_of(2) { 20 } else { 200 });
    if rng.one_in(2) { Debounce::For(Duration::from_millis(50)) } else { Debounce::By(Arc::new(by_version)) }
}

fn declaration(operator: Operator) -> Declaration {
    let secondary = |of, handler| Secondary {
        name: KINDS[of],
        handler,
        ..Secondary::of_kind(kind(KINDS[of], true), Related::Owned)
    };
    Declaration {
        name: KINDS[operator.primary],
        primary: kind(KINDS[operator.primary], namespaced(operator.primary)),
        // What it says does not matter here: the projections are the model's own.
        selector: operator.filter.then(|| Expression::Exists("any".into())).into_iter().collect(),
        filter: None,
        projection: Projection::content(),
        finalizers: Finalizers { own: operator.finalizer.then_some("ours"), former: &[] },
        status: None,
        resync: None,
        timeout: Duration::MAX,
        secondaries: vec![
            secondary(C, false),
            secondary(D, operator.writes != [false, false]),
            secondary(G, false),
            secondary(R, false),
        ],
    }
}
