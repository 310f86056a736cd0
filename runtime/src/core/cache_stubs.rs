//! What a cache knows of objects that nobody wants, and how they come back: by owner, and by the answer to a question.

use std::sync::Arc;

use super::super::key::{Key, Rv, Uid};
use super::super::record::Record;
use super::super::rules::{Rule, holds};
use super::super::stubs::{Stub, Stubs, give_back};
use super::{Cache, Change};

impl Cache {
    /// Forgets an object that nobody is related to any more, but for a stub if there is to be one. Readers must not see it as
    /// theirs.
    pub(crate) fn release(&mut self, key: &Key, stub: Option<Stub>) {
        let old = self.view(key).cloned();
        let Some(object) = self.take(key) else { return };
        give_back(&mut self.objects);
        if let Some(stub) = stub {
            self.stubs.insert(key.clone(), stub);
        }
        self.drop_overtaken(key, object.rv);
        self.index(key, old.as_ref(), self.view(key).cloned().as_ref());
    }

    /// From now on, objects can be found by their owners.
    pub(crate) fn index_by_owner(&mut self) {
        self.by_owner.get_or_insert_default();
    }

    /// The keys of all that this one owns, seen by readers or known by a stub.
    pub(crate) fn of_owner(&self, owner: Uid) -> impl Iterator<Item = &Key> {
        let seen = self.by_owner.as_ref().map_or(&[][..], |by_owner| by_owner.of(owner));
        seen.iter().chain(self.stubs.of_owner(owner))
    }

    pub(super) fn index(&mut self, key: &Key, old: Option<&Arc<Record>>, new: Option<&Arc<Record>>) {
        let Some(by_owner) = &mut self.by_owner else { return };
        let owners = |record: &Arc<Record>| record.owners.iter().map(|owner| owner.uid).collect::<Vec<_>>();
        let [old, new] = [old, new].map(|record| record.map(owners).unwrap_or_default());
        if old != new {
            by_owner.remove(old.into_iter(), key);
            by_owner.insert(new.into_iter(), key);
        }
    }

    /// What is known of objects that nobody wants.
    pub(crate) fn stubs(&self) -> &Stubs {
        &self.stubs
    }

    /// The keys of the stubs that have changed since they were taken last.
    pub(crate) fn take_changed_stubs(&mut self) -> Vec<Key> {
        self.stubs.take_changed()
    }

    /// The version of the object under this key, if readers see nothing of it that is as new as its stub.
    pub(crate) fn unresolved(&self, key: &Key) -> Option<Rv> {
        let stub = self.stubs.get(key).filter(|stub| !stub.is_gone())?;
        self.view(key).is_none_or(|record| record.rv < stub.rv).then_some(stub.rv)
    }

    /// The answer to a question about an object of which there is a stub, that was of version `asked` when the question was
    /// sent. Returns whether it is an answer: one that the watch is past, and that says something else, comes too late.
    pub(crate) fn fetched(&mut self, key: &Key, asked: Rv, found: Option<Record>, changes: &mut Vec<Change>) -> bool {
        let Some(stub) = self.stubs.get(key) else { return true };
        match found {
            // There was another one by then.
            None if stub.rv != asked && holds(Rule::StubsGoneAsAsked) => false,
            None => {
                if holds(Rule::StubsMayBeGone) {
                    self.stubs.set_gone(key);
                }
                true
            }
            Some(record) if record.uid == stub.uid && stub.is_of(&record) => {
                self.stubs.remove(key);
                self.change(key.clone(), changes, |cache| {
                    cache.put(Arc::new(record));
                });
                true
            }
            Some(record) if record.comparable().is_some_and(|rv| rv > self.passed) => {
                self.answered(Arc::new(record), changes);
                true
            }
            Some(_) => !holds(Rule::StubsAskAgain),
        }
    }

    /// The object is another one by now than its stub says, and nobody's: its watch will say so, too.
    pub(crate) fn set_gone(&mut self, key: &Key) {
        self.stubs.set_gone(key);
    }
}
