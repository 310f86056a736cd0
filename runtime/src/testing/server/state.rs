//! The objects, their history, and who watches them.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::fields::Manager;
use super::path::Resource;
use super::schema::has_generation;
use super::watch::Watcher;
use crate::core::key::{Key, Uid};
use crate::testing::Clock;

/// The first version that is given: a resourceVersion of 1 is what a create-only apply sends, and no object may have it.
const FIRST: u64 = 100;

/// One object.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Stored {
    /// Without managedFields.
    pub(super) object: Value,
    pub(super) managers: Vec<Manager>,
}

impl Stored {
    pub(super) fn to_json(&self) -> Value {
        let mut object = self.object.clone();
        if !self.managers.is_empty() {
            object["metadata"]["managedFields"] = self.managers.iter().map(Manager::to_json).collect();
        }
        object
    }

    pub(super) fn metadata(&self, field: &str) -> &str {
        self.object["metadata"][field].as_str().unwrap_or_default()
    }

    fn has_finalizers(&self) -> bool {
        self.object["metadata"]["finalizers"].as_array().is_some_and(|finalizers| !finalizers.is_empty())
    }

    fn is_deleting(&self) -> bool {
        !self.object["metadata"]["deletionTimestamp"].is_null()
    }
}

/// One change, as watches tell it.
#[derive(Clone, Debug)]
pub(super) struct Change {
    pub(super) rv: u64,
    pub(super) resource: Resource,
    pub(super) key: Key,
    pub(super) before: Option<Value>,
    /// What is there after it; for a deletion, the last state.
    pub(super) after: Value,
    pub(super) deleted: bool,
}

/// Everything that the API server holds.
#[derive(Debug)]
pub(super) struct State {
    pub(super) clock: Clock,
    objects: BTreeMap<Resource, BTreeMap<Key, Stored>>,
    pub(super) rv: u64,
    uids: u128,
    history: Vec<Change>,
    /// Changes up to this one are forgotten.
    pub(super) oldest: u64,
    pub(super) watchers: Vec<Watcher>,
    /// What is not served.
    pub(super) unserved: BTreeSet<Resource>,
}

impl State {
    pub(super) fn new(clock: Clock) -> Self {
        Self {
            clock,
            objects: BTreeMap::new(),
            rv: FIRST,
            uids: 0,
            history: Vec::new(),
            oldest: FIRST,
            watchers: Vec::new(),
            unserved: BTreeSet::new(),
        }
    }

    pub(super) fn get(&self, resource: &Resource, key: &Key) -> Option<&Stored> {
        self.objects.get(resource)?.get(key)
    }

    /// All objects of a kind, by namespace and name.
    pub(super) fn all(&self, resource: &Resource) -> impl Iterator<Item = (&Key, &Stored)> {
        self.objects.get(resource).into_iter().flatten()
    }

    /// The changes after a version.
    pub(super) fn since(&self, rv: u64) -> impl Iterator<Item = &Change> {
        self.history.iter().filter(move |change| change.rv > rv)
    }

    /// Stores an object that there was not.
    pub(super) fn create(&mut self, resource: &Resource, key: &Key, mut stored: Stored) -> Stored {
        self.uids += 1;
        let metadata = &mut stored.object["metadata"];
        metadata["name"] = key.name().into();
        if let Some(namespace) = key.namespace() {
            metadata["namespace"] = namespace.into();
        }
        // Version 4 and its variant, so that it is a UUID to everybody.
        let uid = Uid(0x0000_0000_0000_4000_8000_0000_0000_0000 | self.uids);
        metadata["uid"] = uid.to_string().into();
        metadata["creationTimestamp"] = self.clock.stamp().into();
        if has_generation(resource) {
            metadata["generation"] = 1.into();
        }
        self.store(resource, key, None, stored)
    }

    /// Stores what an object is by now, if that is anything new. One without finalizers that is being deleted goes.
    pub(super) fn update(&mut self, resource: &Resource, key: &Key, mut stored: Stored) -> Stored {
        let Some(before) = self.get(resource, key).cloned() else { return self.create(resource, key, stored) };
        for field in
            ["uid", "creationTimestamp", "generation", "resourceVersion", "deletionTimestamp", "name", "namespace"]
        {
            match before.object["metadata"].get(field) {
                Some(value) => stored.object["metadata"][field] = value.clone(),
                None => drop(stored.object["metadata"].as_object_mut().and_then(|metadata| metadata.remove(field))),
            }
        }
        if stored == before {
            return before;
        }
        if has_generation(resource) && desired(resource, &stored.object) != desired(resource, &before.object) {
            raise_generation(&mut stored);
        }
        if stored.is_deleting() && !stored.has_finalizers() {
            self.remove(resource, key, stored.clone());
            return stored;
        }
        self.store(resource, key, Some(before), stored)
    }

    /// Deletes an object, or begins to, if finalizers hold it. `None`: nothing is left.
    pub(super) fn delete(&mut self, resource: &Resource, key: &Key) -> Option<Stored> {
        let before = self.get(resource, key)?.clone();
        if !before.has_finalizers() {
            self.remove(resource, key, before);
            return None;
        }
        if before.is_deleting() {
            return Some(before);
        }
        let mut stored = before.clone();
        stored.object["metadata"]["deletionTimestamp"] = self.clock.stamp().into();
        stored.object["metadata"]["deletionGracePeriodSeconds"] = 0.into();
        raise_generation(&mut stored);
        Some(self.store(resource, key, Some(before), stored))
    }

    fn store(&mut self, resource: &Resource, key: &Key, before: Option<Stored>, mut stored: Stored) -> Stored {
        self.rv += 1;
        stored.object["metadata"]["resourceVersion"] = self.rv.to_string().into();
        self.objects.entry(resource.clone()).or_default().insert(key.clone(), stored.clone());
        self.tell(resource, key, before.map(|before| before.to_json()), stored.to_json(), false);
        stored
    }

    fn remove(&mut self, resource: &Resource, key: &Key, mut last: Stored) {
        let before = self.objects.get_mut(resource).and_then(|objects| objects.remove(key));
        self.rv += 1;
        last.object["metadata"]["resourceVersion"] = self.rv.to_string().into();
        self.tell(resource, key, before.map(|before| before.to_json()), last.to_json(), true);
        self.collect(last.metadata("uid"));
    }

    /// Deletes what was owned by an object that has gone, and by nothing else that is there.
    fn collect(&mut self, gone: &str) {
        let is_alive = |uid: &str| self.objects.values().flatten().any(|(_, stored)| stored.metadata("uid") == uid);
        let is_orphan = |stored: &Stored| {
            let owners = stored.object["metadata"]["ownerReferences"].as_array();
            let uids: Vec<&str> = owners.into_iter().flatten().filter_map(|owner| owner["uid"].as_str()).collect();
            uids.contains(&gone) && !uids.into_iter().any(is_alive)
        };
        let objects =
            self.objects.iter().flat_map(|(resource, objects)| objects.iter().map(move |(k, o)| (resource, k, o)));
        let orphans: Vec<(Resource, Key)> =
            objects.filter(|(.., stored)| is_orphan(stored)).map(|(r, k, _)| (r.clone(), k.clone())).collect();
        for (resource, key) in orphans {
            self.delete(&resource, &key);
        }
    }

    fn tell(&mut self, resource: &Resource, key: &Key, before: Option<Value>, after: Value, deleted: bool) {
        let change = Change { rv: self.rv, resource: resource.clone(), key: key.clone(), before, after, deleted };
        self.watchers.retain(|watcher| watcher.tell(&change));
        self.history.push(change);
    }

    /// Forgets the history, and ends all watches, which have to begin with a list then.
    pub(super) fn compact(&mut self) {
        self.rv += 1;
        self.oldest = self.rv;
        self.history.clear();
        for watcher in self.watchers.drain(..) {
            watcher.expire();
        }
    }

    /// Breaks all watches.
    pub(super) fn disconnect(&mut self) {
        for watcher in self.watchers.drain(..) {
            watcher.disconnect();
        }
    }
}

/// What the generation counts the versions of.
fn desired(resource: &Resource, object: &Value) -> Value {
    let mut object = object.clone();
    let annotations = object["metadata"]["annotations"].take();
    if let Some(fields) = object.as_object_mut() {
        fields.remove("metadata");
        fields.remove("status");
    }
    if resource.plural == "deployments" { json!([object, annotations]) } else { object }
}

fn raise_generation(stored: &mut Stored) {
    if let Some(generation) = stored.object["metadata"]["generation"].as_i64() {
        stored.object["metadata"]["generation"] = (generation + 1).into();
    }
}
