//! An API server: one resourceVersion counter, six kinds, and what it answers.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::super::key::Key;

/// Kinds; also the places of their caches.
pub(super) const P: usize = 0;
pub(super) const Q: usize = 1;
pub(super) const C: usize = 2;
pub(super) const D: usize = 3;
/// Related through a C that owns it.
pub(super) const G: usize = 4;
/// Related because a primary refers to it.
pub(super) const R: usize = 5;
pub(super) const KINDS: [&str; 6] = ["P", "Q", "C", "D", "G", "R"];

/// The most operators of a history.
pub(super) const OPERATORS: usize = 3;

/// The kind Q is cluster-scoped; its objects may have children in any namespace.
pub(super) fn namespaced(kind: usize) -> bool {
    kind != Q
}

/// Whether the garbage collector, and so an operator, takes an object of kind `owner` under this key for the owner of a child
/// under that one.
pub(super) fn in_reach(owner: usize, owner_key: &Key, child: &Key) -> bool {
    !namespaced(owner) || owner_key.namespace() == child.namespace()
}

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
    /// What operators write by a patch of its own.
    pub(super) mark: u8,
    /// Not what its Rust type expects: it cannot be decoded.
    pub(super) garbled: bool,
    /// One for each operator.
    pub(super) status: [u64; OPERATORS],
    pub(super) ours: bool,
    pub(super) theirs: bool,
    pub(super) deleting: bool,
}

impl Object {
    /// The names of the Rs that a primary refers to. Not every operator looks at the field in which they stand.
    pub(super) fn refers(&self) -> Box<[Key]> {
        let namespace = self.key.namespace().unwrap_or("n");
        let names = [[].as_slice(), &["x"], &["y"], &["x", "y"]][usize::from(self.extra % 4)];
        names.iter().map(|name| Key::new(Some(namespace), name)).collect()
    }
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
    /// None: whatever is there is taken over.
    Nothing,
    CreateOnly,
    Uid(u128),
    Version(u128, u64),
    /// Of this uid, with our finalizer and with theirs.
    Finalizers(u128, bool, bool),
}

/// One event of a kind's watch.
#[derive(Clone, Debug)]
pub(super) struct Logged {
    pub(super) object: Arc<Object>,
    pub(super) deleted: bool,
}

/// Who changes something: a run of this operator, for the primary of this uid. `None`: anybody else.
pub(super) type Author = Option<(usize, u128)>;

/// One change of one object.
#[derive(Clone, Debug)]
pub(super) struct Deed {
    pub(super) author: Author,
    /// Told again, because the answer was lost: to its author it is now like anybody else's.
    pub(super) unheard: bool,
    pub(super) rv: u64,
    pub(super) old: Option<Arc<Object>>,
    pub(super) new: Option<Arc<Object>>,
}

#[derive(Debug, Default)]
pub(super) struct Server {
    pub(super) rv: u64,
    uids: u128,
    objects: BTreeMap<(usize, Key), Arc<Object>>,
    /// Who is at it.
    pub(super) author: Author,
    /// What was done since these were last taken.
    pub(super) deeds: Vec<Deed>,
    /// All events so far, by kind.
    pub(super) log: [Vec<Logged>; 6],
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

    /// The object of this kind and uid.
    pub(super) fn by_uid(&self, kind: usize, uid: u128) -> Option<&Arc<Object>> {
        self.of(kind).find(|object| object.uid == uid)
    }

    /// Creates an object, if there is none of this name.
    pub(super) fn create(&mut self, kind: usize, key: &Key, spec: u8, owner: Option<(usize, u128)>) {
        if self.get(kind, key).is_none() {
            self.uids += 1;
            self.put(Object {
                kind,
                key: key.clone(),
                uid: self.uids,
                rv: 0,
                generation: 1,
                owner,
                spec,
                extra: 0,
                noise: 0,
                mark: 0,
                garbled: false,
                status: [0; OPERATORS],
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
        let content = |object: &Object| (object.spec, object.extra, object.mark, object.deleting);
        new.generation += i64::from(content(&new) != content(&old));
        Left::Object(self.put(new))
    }

    /// Server-side apply of a child.
    pub(super) fn apply(&mut self, kind: usize, key: &Key, spec: u8, owner: (usize, u128), demand: Demand) -> Answer {
        let Some(object) = self.get(kind, key) else {
            let (Demand::CreateOnly | Demand::Nothing) = demand else { return Err(Refusal::Gone) };
            self.create(kind, key, spec, Some(owner));
            return Ok(self.get(kind, key).cloned().map_or(Left::Nothing, Left::Object));
        };
        meets(object, demand)?;
        if object.owner.is_some_and(|other| other != owner) {
            return Err(Refusal::Other);
        }
        Ok(self.edit(kind, key, |object| (object.spec, object.owner) = (spec, Some(owner))))
    }

    /// A merge patch of one field of a child.
    pub(super) fn mark(&mut self, kind: usize, key: &Key, mark: u8, demand: Demand) -> Answer {
        meets(self.get(kind, key).ok_or(Refusal::Gone)?, demand)?;
        Ok(self.edit(kind, key, |object| object.mark = mark))
    }

    /// Server-side apply of one operator's part of the status.
    pub(super) fn status(&mut self, kind: usize, key: &Key, uid: u128, operator: usize, status: u64) -> Answer {
        meets(self.get(kind, key).ok_or(Refusal::Gone)?, Demand::Uid(uid))?;
        Ok(self.edit(kind, key, |object| object.status[operator] = status))
    }

    /// Adds or removes our finalizer by a JSON patch with tests.
    pub(super) fn finalizer(&mut self, kind: usize, key: &Key, ours: bool, demand: Demand) -> Answer {
        let object = self.get(kind, key).ok_or(Refusal::Gone)?;
        if meets(object, demand).is_err() || object.deleting && ours && !object.ours {
            return Err(Refusal::Outdated);
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
            let owned = |owner: &Arc<Object>| in_reach(owner.kind, &owner.key, &object.key);
            !object.deleting && object.owner.is_some_and(|(kind, uid)| !self.by_uid(kind, uid).is_some_and(owned))
        };
        self.all().find(lost).cloned()
    }

    fn put(&mut self, mut object: Object) -> Arc<Object> {
        self.rv += 1;
        object.rv = self.rv;
        let object = Arc::new(object);
        self.log[object.kind].push(Logged { object: object.clone(), deleted: false });
        let old = self.objects.insert((object.kind, object.key.clone()), object.clone());
        self.deeds.push(Deed { author: self.author, unheard: false, rv: self.rv, old, new: Some(object.clone()) });
        object
    }

    fn remove(&mut self, object: &Object) {
        self.rv += 1;
        let last = Arc::new(Object { rv: self.rv, ..object.clone() });
        let old = self.objects.remove(&(object.kind, object.key.clone()));
        self.deeds.push(Deed { author: self.author, unheard: false, rv: self.rv, old, new: None });
        self.log[object.kind].push(Logged { object: last, deleted: true });
    }
}

fn meets(object: &Object, demand: Demand) -> Result<(), Refusal> {
    match demand {
        Demand::Nothing => Ok(()),
        Demand::CreateOnly => Err(Refusal::Outdated),
        Demand::Uid(uid) | Demand::Version(uid, _) | Demand::Finalizers(uid, ..) if uid != object.uid => {
            Err(Refusal::Gone)
        }
        Demand::Version(_, rv) if rv != object.rv => Err(Refusal::Outdated),
        Demand::Finalizers(_, ours, theirs) if (ours, theirs) != (object.ours, object.theirs) => Err(Refusal::Outdated),
        Demand::Uid(_) | Demand::Version(..) | Demand::Finalizers(..) => Ok(()),
    }
}
