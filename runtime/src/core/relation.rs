//! How a secondary finds its primaries.

use std::hash::Hash;

use super::key::{Key, Uid};
use super::raw::Owner;
use super::record::Record;
use crate::kind::KindInfo;
use crate::projection::ProjectionHasher;
use crate::snapshot::View;

/// What an object hangs from: whoever is at this anchor is related to it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Anchor {
    /// Its owner.
    Owner(Uid),
    /// The name of a primary; of an object that primaries refer to, its own.
    Name(Key),
}

/// How the objects of one secondary are related to primaries.
#[derive(Clone, Debug)]
pub(crate) enum Relation {
    /// They name the primary as their owner.
    Owned(Owners),
    /// They name an object of another secondary as their owner.
    Through { parent: usize, owners: Owners },
    /// They name primaries; the names stand in this place of their records. `typed`: they are known only once the object
    /// is decoded.
    Named { names: usize, typed: bool },
    /// The primary names them; the names stand in this place of its record.
    Referenced { names: usize },
}

impl Relation {
    /// The secondary by which these objects are related.
    pub(crate) fn parent(&self) -> Option<usize> {
        match self {
            Self::Through { parent, .. } => Some(*parent),
            _ => None,
        }
    }

    /// What the primary itself contributes to the fingerprint of this secondary: the names that it refers to. That they are
    /// others is a change, whether there are such objects or not.
    pub(crate) fn base(&self, primary: &Record) -> u128 {
        match self {
            Self::Referenced { names } => primary.names.get(*names).map_or(0, |names| print(names)),
            _ => 0,
        }
    }

    /// What an object with this key, these owners and these names hangs from.
    pub(crate) fn anchors(&self, key: &Key, owners: &[Owner], names: &[Box<[Key]>]) -> Vec<Anchor> {
        match self {
            Self::Owned(of) | Self::Through { owners: of, .. } => of.uids(owners).map(Anchor::Owner).collect(),
            Self::Named { names: place, .. } => {
                names.get(*place).into_iter().flatten().cloned().map(Anchor::Name).collect()
            }
            Self::Referenced { .. } => vec![Anchor::Name(key.clone())],
        }
    }

    /// Whether an object is related to the primary of this view, as the view has it: the same as the index of all primaries
    /// would say, were the view all there is.
    pub(crate) fn relates(&self, view: &View, record: &Record) -> bool {
        match self {
            Self::Owned(owners) => {
                owners.uids(&record.owners).any(|uid| uid == view.primary.uid)
                    && owners.allows(&view.primary.key, &record.key)
            }
            Self::Through { parent, owners } => owners.uids(&record.owners).any(|uid| {
                let mut parents = view.secondaries[*parent].iter();
                parents.any(|parent| parent.uid == uid && owners.allows(&parent.key, &record.key))
            }),
            Self::Named { names, .. } => {
                record.names.get(*names).is_some_and(|names| names.contains(&view.primary.key))
            }
            Self::Referenced { names } => {
                view.primary.names.get(*names).is_some_and(|names| names.contains(&record.key))
            }
        }
    }
}

/// A hash of names, in whichever order; 0 for none.
pub(crate) fn print(names: &[Key]) -> u128 {
    let one = |name: &Key| {
        let mut hasher = ProjectionHasher::new();
        name.hash(&mut hasher);
        hasher.finish128()
    };
    names.iter().fold(0, |sum, name| sum.wrapping_add(one(name)))
}

/// Which owner references count: those to this group and kind. The version may differ, as it does after an upgrade of a CRD;
/// the uid decides, as it does for the garbage collector.
#[derive(Clone, Debug)]
pub(crate) struct Owners {
    group: Box<str>,
    kind: Box<str>,
    namespaced: bool,
    /// Any of them, and not just the controller.
    any: bool,
}

impl Owners {
    /// References to this kind.
    pub(crate) fn of(kind: &KindInfo, any: bool) -> Self {
        Self { group: (*kind.group).into(), kind: (*kind.kind).into(), namespaced: kind.namespaced, any }
    }

    /// The owners that references like these point to, which may or may not exist.
    pub(crate) fn uids<'a>(&'a self, owners: &'a [Owner]) -> impl Iterator<Item = Uid> + 'a {
        // There is at most one controller.
        let counts =
            |owner: &&Owner| (self.any || owner.controller) && owner.group == self.group && owner.kind == self.kind;
        owners.iter().filter(counts).map(|owner| owner.uid)
    }

    /// Owner references do not cross namespaces: the API server takes such an object and the garbage collector deletes
    /// it. It is nobody's.
    pub(crate) fn allows(&self, owner: &Key, object: &Key) -> bool {
        !self.namespaced || owner.namespace() == object.namespace()
    }
}

/// Where an operator finds what it declares. Index 0 stands for the primary, 1 and up for the secondaries.
#[derive(Debug)]
pub(crate) struct Layout {
    /// For each index, which of a record's fingerprints counts.
    pub(crate) projections: Box<[usize]>,
    /// For each index, the number of the cache.
    pub(crate) caches: Box<[usize]>,
    /// Of each secondary.
    pub(crate) relations: Box<[Relation]>,
    /// The secondaries, each behind the one that it is related through.
    pub(crate) order: Box<[usize]>,
}

impl Layout {
    /// `relations` has no cycle.
    pub(crate) fn new(projections: Box<[usize]>, caches: Box<[usize]>, relations: Box<[Relation]>) -> Self {
        let depth = |secondary: usize| {
            let above = |secondary: &usize| relations[*secondary].parent();
            std::iter::successors(Some(secondary), above).take(relations.len() + 1).count()
        };
        let mut order: Box<[usize]> = (0..relations.len()).collect();
        order.sort_by_key(|&secondary| depth(secondary));
        Self { projections, caches, relations, order }
    }

    /// The other indices whose objects come from the same cache.
    pub(crate) fn twins(&self, index: usize) -> impl Iterator<Item = usize> {
        (0..self.caches.len()).filter(move |&other| other != index && self.caches[other] == self.caches[index])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn owner(uid: u128, group: &str, kind: &str, controller: bool) -> Owner {
        Owner { uid: Uid(uid), group: group.into(), kind: kind.into(), controller }
    }

    fn owners(any: bool) -> Owners {
        Owners { group: "demo.steersman.dev".into(), kind: "WebApp".into(), namespaced: true, any }
    }

    fn uids(any: bool, of: &[Owner]) -> Vec<u128> {
        owners(any).uids(of).map(|uid| uid.0).collect()
    }

    #[test]
    fn only_owners_of_the_same_group_and_kind_count_and_of_these_the_controller() {
        assert_eq!(uids(false, &[owner(7, "demo.steersman.dev", "WebApp", true)]), [7]);
        assert_eq!(uids(false, &[owner(7, "demo.steersman.dev", "WebApp", false)]), []);
        assert_eq!(uids(true, &[owner(7, "other.dev", "WebApp", true)]), []);
        assert_eq!(uids(true, &[owner(7, "demo.steersman.dev", "Website", true)]), []);
    }

    #[test]
    fn a_second_owner_does_not_hide_the_controller() {
        let of = [owner(8, "apps", "Deployment", false), owner(7, "demo.steersman.dev", "WebApp", true)];
        assert_eq!(uids(false, &of), [7]);
    }

    #[test]
    fn any_owner_counts_where_that_is_declared() {
        let of = [owner(8, "demo.steersman.dev", "WebApp", false), owner(7, "demo.steersman.dev", "WebApp", true)];
        assert_eq!((uids(true, &of), uids(false, &of)), (vec![8, 7], vec![7]));
    }

    #[test]
    fn an_owner_in_another_namespace_is_none() {
        assert!(owners(false).allows(&Key::new(Some("a"), "x"), &Key::new(Some("a"), "y")));
        assert!(!owners(false).allows(&Key::new(Some("a"), "x"), &Key::new(Some("b"), "y")));
    }

    #[test]
    fn a_secondary_comes_behind_the_one_that_it_is_related_through() {
        let through = |parent| Relation::Through { parent, owners: owners(false) };
        let relations = [through(2), Relation::Owned(owners(false)), through(1), through(0)];
        let layout = Layout::new([0; 5].into(), [0; 5].into(), relations.into());
        assert_eq!(*layout.order, [1, 2, 0, 3]);
    }
}
