//! The hands of others: what a test does to the objects.

use std::sync::Arc;

use serde_json::{Value, json};

use super::ApiServer;
use super::apply::{Writer, updated};
use super::path::Resource;
use super::schema::Place;
use super::state::{State, Stored};
use crate::core::key::Key;
use crate::kind::{Kind, KindInfo};

/// The field manager of a test.
const MANAGER: &str = "test";
/// The definitions of custom resources.
const DEFINITIONS: (&str, &str) = ("apiextensions.k8s.io", "customresourcedefinitions");

/// What a test does. Objects are named `namespace/name`, or `name` where the kind has no namespaces, and in the namespace `default`. Nothing here is a
/// [request](super::Request), and nothing costs time: what follows from it happens when the test
/// [settles](crate::testing::Simulation::settle).
impl ApiServer {
    /// Creates an object, with its status; returns it as it is stored. Without a namespace, it is in `default`.
    ///
    /// # Panics
    /// If there is one of its name already, or it has none.
    #[track_caller]
    pub fn add<K: Kind>(&self, object: K) -> Arc<K> {
        self.insert(json_of(&object))
    }

    /// The same, controlled by `owner`, which has to be a stored object: as what an operator has applied for it.
    ///
    /// # Panics
    /// If `owner` has no uid, and where [`add`](Self::add) does.
    #[track_caller]
    pub fn add_owned<P: Kind, K: Kind>(&self, owner: &P, object: K) -> Arc<K> {
        let (kind, metadata) = (P::info(), owner.metadata());
        let uid = metadata.uid.as_deref().expect("the owner has a uid: it is what `add` or `get` has returned");
        let mut json = json_of(&object);
        if K::NAMESPACED && json["metadata"]["namespace"].is_null() {
            json["metadata"]["namespace"] = metadata.namespace.clone().into();
        }
        json["metadata"]["ownerReferences"] = json!([{
            "apiVersion": kind.api_version(), "kind": kind.kind, "name": metadata.name, "uid": uid,
            "controller": true, "blockOwnerDeletion": true,
        }]);
        self.insert(json)
    }

    #[track_caller]
    fn insert<K: Kind>(&self, mut json: Value) -> Arc<K> {
        let kind = K::info();
        let name = json["metadata"]["name"].as_str().expect("the object has a name").to_owned();
        let namespace = json["metadata"]["namespace"].as_str().unwrap_or("default").to_owned();
        let key = Key::new(kind.namespaced.then_some(&*namespace), &name);
        let resource = Resource::of(&kind);
        json["apiVersion"] = kind.api_version().into();
        json["kind"] = (*kind.kind).into();
        let mut inner = self.lock();
        assert!(inner.state.get(&resource, &key).is_none(), "there is {} {key} already", kind.kind);
        let managers = updated(None, &json, &Place::root(&resource), &hand(&inner.state, &kind.api_version()));
        let stored = inner.state.create(&resource, &key, Stored { object: json, managers });
        typed(&kind, &stored)
    }

    /// Changes an object, its status too. What comes out as it was is no change.
    ///
    /// # Panics
    /// If there is none of this name.
    #[track_caller]
    pub fn change<K: Kind>(&self, name: &str, change: impl FnOnce(&mut K)) -> Arc<K> {
        let mut object = K::clone(&self.expect::<K>(name));
        change(&mut object);
        let kind = K::info();
        let (resource, key) = (Resource::of(&kind), key_of(&kind, name));
        let mut json = json_of(&object);
        (json["apiVersion"], json["kind"]) = (kind.api_version().into(), (*kind.kind).into());
        let mut inner = self.lock();
        let before = inner.state.get(&resource, &key).cloned();
        let managers =
            updated(before.as_ref(), &json, &Place::root(&resource), &hand(&inner.state, &kind.api_version()));
        let stored = inner.state.update(&resource, &key, Stored { object: json, managers });
        typed(&kind, &stored)
    }

    /// Replaces an object of the same name, its status too, by this one.
    ///
    /// # Panics
    /// If there is none of its name.
    #[track_caller]
    pub fn update<K: Kind>(&self, object: K) -> Arc<K> {
        let metadata = object.metadata();
        let namespace = metadata.namespace.clone().unwrap_or_else(|| "default".to_owned());
        let name = metadata.name.clone().unwrap_or_default();
        let name = if K::NAMESPACED { format!("{namespace}/{name}") } else { name };
        self.change(&name, |stored: &mut K| *stored = object)
    }

    /// Deletes an object; finalizers may hold it.
    ///
    /// # Panics
    /// If there is none of this name.
    #[track_caller]
    pub fn delete<K: Kind>(&self, name: &str) {
        let kind = K::info();
        let (resource, key) = (Resource::of(&kind), key_of(&kind, name));
        self.expect::<K>(name);
        self.lock().state.delete(&resource, &key);
    }

    /// The object of this name as it is stored; `None` if there is none.
    ///
    /// # Panics
    /// If its Rust type does not take it.
    #[must_use]
    #[track_caller]
    pub fn get<K: Kind>(&self, name: &str) -> Option<Arc<K>> {
        let kind = K::info();
        let stored = self.lock().state.get(&Resource::of(&kind), &key_of(&kind, name)).cloned();
        stored.map(|stored| typed(&kind, &stored))
    }

    /// All objects of a kind, by namespace and name.
    ///
    /// # Panics
    /// If their Rust type does not take one.
    #[must_use]
    #[track_caller]
    pub fn list<K: Kind>(&self) -> Vec<Arc<K>> {
        let kind = K::info();
        let stored: Vec<Stored> =
            self.lock().state.all(&Resource::of(&kind)).map(|(_, stored)| stored.clone()).collect();
        stored.iter().map(|stored| typed(&kind, stored)).collect()
    }

    /// The object of this name as JSON, with its managedFields; null if there is none.
    #[must_use]
    pub fn json<K: Kind>(&self, name: &str) -> Value {
        let kind = K::info();
        let inner = self.lock();
        inner.state.get(&Resource::of(&kind), &key_of(&kind, name)).map(Stored::to_json).unwrap_or_default()
    }

    /// Forgets what the versions before this moment were, so that every watch has to begin with a list again: as after a restart of
    /// the API server, or a connection that was lost for long.
    pub fn relist(&self) {
        self.unwatched(|_| ());
    }

    /// What the closure does, no watch shows: as while the connection was lost for so long that only a list can tell what has
    /// happened. A deletion is then told by nothing but the object's absence.
    pub fn unwatched<T>(&self, change: impl FnOnce(&Self) -> T) -> T {
        let watchers = std::mem::take(&mut self.lock().state.watchers);
        let result = change(self);
        let mut inner = self.lock();
        inner.state.watchers.extend(watchers);
        inner.state.compact();
        result
    }

    /// Breaks all watches. They come again, and go on where they were.
    pub fn disconnect(&self) {
        self.lock().state.disconnect();
    }

    /// From now on the kind is not served, as if its definition had been deleted: with its objects, and with all watches of them.
    pub fn unserve<K: Kind>(&self) {
        let kind = K::info();
        let resource = Resource::of(&kind);
        let mut inner = self.lock();
        let keys: Vec<Key> = inner.state.all(&resource).map(|(key, _)| key.clone()).collect();
        for key in keys {
            inner.state.delete(&resource, &key);
        }
        inner.state.delete(&definitions(), &Key::new(None, &kind.resource()));
        inner.state.unserved.insert(resource);
        inner.state.disconnect();
    }

    /// From now on the kind is served again, as if its definition had been installed.
    pub fn serve<K: Kind>(&self) {
        let kind = K::info();
        let mut inner = self.lock();
        if inner.state.unserved.remove(&Resource::of(&kind)) {
            let definition =
                json!({ "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition", "metadata": {} });
            let stored = Stored { object: definition, managers: Vec::new() };
            inner.state.create(&definitions(), &Key::new(None, &kind.resource()), stored);
        }
    }

    #[track_caller]
    fn expect<K: Kind>(&self, name: &str) -> Arc<K> {
        // No closure: the caret of its panic would be here.
        let Some(object) = self.get(name) else { panic!("there is no {} {name}", K::info().kind) };
        object
    }
}

fn definitions() -> Resource {
    Resource { group: DEFINITIONS.0.to_owned(), plural: DEFINITIONS.1.to_owned() }
}

fn hand<'a>(state: &State, api_version: &'a str) -> Writer<'a> {
    Writer { manager: MANAGER, subresource: "", api_version, time: state.clock.stamp() }
}

/// Without a namespace it is `default`, where the kind has namespaces.
pub(in crate::testing) fn key_of(kind: &KindInfo, name: &str) -> Key {
    match name.split_once('/') {
        Some((namespace, name)) => Key::new(Some(namespace), name),
        None => Key::new(kind.namespaced.then_some("default"), name),
    }
}

#[track_caller]
fn json_of<K: Kind>(object: &K) -> Value {
    let mut json = object.to_json().unwrap_or_else(|error| panic!("{} is no JSON: {error}", K::info().kind));
    super::patch::without_nulls(&mut json);
    if !json["metadata"].is_object() {
        json["metadata"] = json!({});
    }
    json
}

#[track_caller]
fn typed<K: Kind>(kind: &KindInfo, stored: &Stored) -> Arc<K> {
    let object = (kind.decode)(&stored.object.to_string());
    let object = object.unwrap_or_else(|error| panic!("{} cannot be decoded: {error}", kind.kind));
    object.downcast_ref::<Arc<K>>().cloned().expect("the kind decodes into its own type")
}
