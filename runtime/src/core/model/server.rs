//! An API server: one resourceVersion counter, four kinds, and what it answers.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::super::key::Key;
use super::super::testing::key;

/// Kinds; also the places of their caches.
pub(super) const P: usize = 0;
pub(super) const Q: usize = 1;
pub(super) const C: usize = 2;
pub(super) const D: usize = 3;
pub(super) const KINDS: [&str; 4] = ["P", "Q", "C", "D"];

/// One version of an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Object {
    pub(super) kind: usize,
    pub(super) key: Key,
    pub(super) uid: u128,
    pub(super) rv: u64,
    pub(super) generation: i64,
    /// The kind and uid of the controller.
    pub(super) owner: Option<(usize, u128)>,
    /// What operators write.
    pub(super) spec: u8,
    /// What others write and operators look at.
    pub(super) extra: u8,
    /// What others write and nobody looks at.
    pub(super) noise: u8,
    /// One for each operator.
    pub(super) status: [u64; 2],
    pub(super) ours: bool,
    pub(super) theirs: bool,
    pub(super) deleting: bool,
}

/// Why a write was not done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    /// 409: the precondition does not hold.
    Outdated,
    /// 404, or another uid.
    Gone,
    /// Anything else, such as a second controller.
    Other,
}

/// What a write left.
#[derive(Clone, Debug)]
pub(super) enum Left {
    Object(Arc<Object>),
    /// The object is gone, and so the answer is its last state under its old version.
    Last,
    /// The answer to a delete is a status.
    Nothing,
}

pub(super) type Answer = Result<Left, Refusal>;

/// A precondition.
#[derive(Clone, Copy, Debug)]
pub(super) enum Demand {
    CreateOnly,
    Uid(u128),
    Version(u128, u64),
}

/// One event of a kind's watch.
#[derive(Clone, Debug)]
pub(super) struct Logged {
    pub(super) object: Arc<Object>,
    pub(super) deleted: bool,
}

#[derive(Debug, Default)]
pub(super) struct Server {
    pub(super) rv: u64,
    uids: u128,
    objects: BTreeMap<(usize, Key), Arc<Object>>,
    /// All events so far, by kind.
    pub(super) log: [Vec<Logged>; 4],
}

impl Server {
    pub(super) fn get(&self, kind: usize, key: &Key) -> Option<&Arc<Object>> {
        self.objects.get(&(kind, key.clone()))
    }

    /// All objects, by kind and key.
    pub(super) fn all(&self) -> impl Iterator<Item = &Arc<Object>> {
        self.objects.values()
    }

    pub(super) fn of(&self, kind: usize) -> impl Iterator<Item = &Arc<Object>> {
        self.all().filter(move |object| object.kind == kind)
    }

    /// Creates an object, if there is none of this name.
    pub(super) fn create(&mut self, kind: usize, name: &str, spec: u8, owner: Option<(usize, u128)>) {
        if self.get(kind, &key(name)).is_none() {
            self.uids += 1;
            self.put(Object {
                kind,
                key: key(name),
                uid: self.uids,
                rv: 0,
                generation: 1,
                owner,
                spec,
                extra: 0,
                noise: 0,
                status: [0; 2],
                ours: false,
                theirs: false,
                deleting: false,
            });
        }
    }

    /// Changes an object, without any precondition; nothing happens if nothing changes.
    pub(super) fn edit(&mut self, kind: usize, key: &Key, change: impl FnOnce(&mut Object)) -> Left {
        let Some(old) = self.get(kind, key).cloned() else { return Left::Nothing };
        let mut new = (*old).clone();
        change(&mut new);
        if new == *old {
            return Left::Object(old);
        }
        if new.deleting && !new.ours && !new.theirs {
            self.remove(&old);
            return Left::Last;
        }
        let content = |object: &Object| (object.spec, object.extra, object.deleting);
        new.generation += i64::from(content(&new) != content(&old));
        Left::Object(self.put(new))
    }

    /// Server-side apply of a child.
    pub(super) fn apply(&mut self, kind: usize, key: &Key, spec: u8, owner: (usize, u128), demand: Demand) -> Answer {
        let Some(object) = self.get(kind, key) else {
            let Demand::CreateOnly = demand else { return Err(Refusal::Gone) };
            self.create(kind, &key.to_string(), spec, Some(owner));
            return Ok(self.get(kind, key).cloned().map_or(Left::Nothing, Left::Object));
        };
        meets(object, demand)?;
        if object.owner.is_some_and(|other| other != owner) {
            return Err(Refusal::Other);
        }
        Ok(self.edit(kind, key, |object| (object.spec, object.owner) = (spec, Some(owner))))
    }

    /// Server-side apply of one operator's part of the status.
    pub(super) fn status(&mut self, kind: usize, key: &Key, uid: u128, operator: usize, status: u64) -> Answer {
        meets(self.get(kind, key).ok_or(Refusal::Gone)?, Demand::Uid(uid))?;
        Ok(self.edit(kind, key, |object| object.status[operator] = status))
    }

    /// Adds or removes our finalizer by a merge patch.
    pub(super) fn finalizer(&mut self, kind: usize, key: &Key, ours: bool, demand: Demand) -> Answer {
        let object = self.get(kind, key).ok_or(Refusal::Gone)?;
        meets(object, demand)?;
        if object.deleting && ours && !object.ours {
            return Err(Refusal::Other);
        }
        Ok(self.edit(kind, key, |object| object.ours = ours))
    }

    pub(super) fn delete(&mut self, kind: usize, key: &Key, uid: u128) -> Answer {
        let object = self.get(kind, key).cloned().ok_or(Refusal::Gone)?;
        if object.uid != uid {
            return Err(Refusal::Outdated);
        }
        if object.ours || object.theirs {
            return Ok(self.edit(kind, key, |object| object.deleting = true));
        }
        self.remove(&object);
        Ok(Left::Nothing)
    }

    /// A child whose controller does not exist in its namespace.
    pub(super) fn orphan(&self) -> Option<Arc<Object>> {
        let lost = |object: &&Arc<Object>| {
            !object.deleting
                && object.owner.is_some_and(|(kind, uid)| {
                    !self.of(kind).any(|o| o.uid == uid && o.key.namespace() == object.key.namespace())
                })
        };
        self.all().find(lost).cloned()
    }

    fn put(&mut self, mut object: Object) -> Arc<Object> {
        self.rv += 1;
        object.rv = self.rv;
        let object = Arc::new(object);
        self.log[object.kind].push(Logged { object: object.clone(), deleted: false });
        self.objects.insert((object.kind, object.key.clone()), object.clone());
        object
    }

    fn remove(&mut self, object: &Object) {
        self.rv += 1;
        let last = Arc::new(Object { rv: self.rv, ..object.clone() });
        self.objects.remove(&(object.kind, object.key.clone()));
        self.log[object.kind].push(Logged { object: last, deleted: true });
    }
}

fn meets(object: &Object, demand: Demand) -> Result<(), Refusal> {
    match demand {
        Demand::CreateOnly => Err(Refusal::Outdated),
        Demand::Uid(uid) | Demand::Version(uid, _) if uid != object.uid => Err(Refusal::Gone),
        Demand::Version(_, rv) if rv != object.rv => Err(Refusal::Outdated),
        Demand::Uid(_) | Demand::Version(..) => Ok(()),
    }
}
