//! One request and its answer.

use serde_json::{Value, json};

use super::apply::{Writer, apply, updated};
use super::patch::{json_patch, merge, without_nulls};
use super::path::{Resource, Target};
use super::refusal::Refusal;
use super::schema::Place;
use super::state::{State, Stored};
use super::watch::{Lines, Scope, begin};
use crate::core::key::Key;
use crate::testing::Verb;

/// What was sent, in which form.
#[derive(Debug)]
pub(super) struct Sent {
    pub(super) content: String,
    pub(super) accept: String,
    pub(super) body: Value,
    /// Who writes, where the query does not say.
    pub(super) agent: String,
}

/// What is answered.
pub(super) enum Answer {
    Object(u16, Value),
    Watch(Lines),
}

/// Does what a request asks for.
pub(super) fn carry_out(state: &mut State, target: &Target, verb: Verb, sent: &Sent) -> Result<Answer, Refusal> {
    if state.unserved.contains(&target.resource) {
        return Err(Refusal::unserved());
    }
    let scope = Scope::of(target, &sent.accept);
    match (verb, target.key()) {
        (Verb::Watch, _) => begin(state, target, scope).map(Answer::Watch),
        (Verb::Get, Some(key)) => {
            let stored = state.get(&target.resource, &key).ok_or_else(|| Refusal::not_found(&target.resource, &key))?;
            Ok(Answer::Object(200, scope.show(stored.to_json())))
        }
        (Verb::Delete, Some(key)) => delete(state, &target.resource, &key, &sent.body),
        (Verb::Create, None) => create(state, target, sent),
        (_, Some(key)) => change(state, target, verb, sent, &key),
        _ => Ok(Answer::Object(200, list(state, target, &scope))),
    }
}

fn list(state: &State, target: &Target, scope: &Scope) -> Value {
    let objects = state.all(&target.resource).map(|(key, stored)| (key, stored.to_json()));
    let items: Vec<Value> =
        objects.filter(|(key, object)| scope.selects(key, object)).map(|(_, object)| scope.show(object)).collect();
    json!({
        "kind": "List", "apiVersion": target.api_version, "metadata": { "resourceVersion": state.rv.to_string() }, "items": items,
    })
}

fn create(state: &mut State, target: &Target, sent: &Sent) -> Result<Answer, Refusal> {
    let metadata = &sent.body["metadata"];
    let name = match (metadata["name"].as_str(), metadata["generateName"].as_str()) {
        (Some(name), _) => name.to_owned(),
        (None, Some(prefix)) => format!("{prefix}{:05}", state.rv),
        _ => return Err(Refusal::new(422, "name or generateName is required")),
    };
    let key = Key::new(target.namespace.as_deref(), &name);
    if state.get(&target.resource, &key).is_some() {
        return Err(Refusal::exists(&target.resource, &key));
    }
    let writer = writer(state, target, sent);
    let mut object = plain(sent.body.clone());
    if let Some(fields) = object.as_object_mut() {
        fields.remove("status");
    }
    let managers = updated(None, &object, &Place::root(&target.resource), &writer);
    let stored = state.create(&target.resource, &key, Stored { object, managers });
    Ok(Answer::Object(201, stored.to_json()))
}

fn delete(state: &mut State, resource: &Resource, key: &Key, options: &Value) -> Result<Answer, Refusal> {
    let stored = state.get(resource, key).ok_or_else(|| Refusal::not_found(resource, key))?;
    precondition(stored, resource, key, &options["preconditions"])?;
    Ok(match state.delete(resource, key) {
        Some(stored) => Answer::Object(200, stored.to_json()),
        None => {
            Answer::Object(200, json!({ "kind": "Status", "apiVersion": "v1", "status": "Success", "metadata": {} }))
        }
    })
}

/// Apply, update and patch.
fn change(state: &mut State, target: &Target, verb: Verb, sent: &Sent, key: &Key) -> Result<Answer, Refusal> {
    let resource = &target.resource;
    let before = state.get(resource, key).cloned();
    if let Some(before) = before.as_ref().filter(|_| verb != Verb::Patch || sent.body.is_object()) {
        precondition(before, resource, key, &sent.body["metadata"])?;
    }
    let writer = writer(state, target, sent);
    let place = Place::root(resource);
    let Some(before) = before else {
        if verb != Verb::Apply || !target.subresource.is_empty() {
            return Err(Refusal::not_found(resource, key));
        }
        if let Some(uid) = sent.body["metadata"]["uid"].as_str() {
            return Err(Refusal::other_uid(resource, key, uid, ""));
        }
        let body = part(&target.subresource, plain(sent.body.clone()), None);
        let empty = Stored {
            object: json!({ "apiVersion": body["apiVersion"], "kind": body["kind"], "metadata": {} }),
            ..Stored::default()
        };
        let stored = apply(&empty, &body, &place, &writer, true).map_err(|conflicts| Refusal::conflicts(&conflicts))?;
        return Ok(Answer::Object(201, state.create(resource, key, stored).to_json()));
    };
    let stored = if verb == Verb::Apply {
        let body = part(&target.subresource, plain(sent.body.clone()), None);
        apply(&before, &body, &place, &writer, target.flag("force"))
            .map_err(|conflicts| Refusal::conflicts(&conflicts))?
    } else {
        let mut object = before.object.clone();
        match verb {
            Verb::Update => object = sent.body.clone(),
            _ if sent.content.contains("json-patch") => json_patch(&mut object, &sent.body)?,
            _ => merge(&mut object, &sent.body),
        }
        let object = part(&target.subresource, plain(object), Some(&before.object));
        let managers = updated(Some(&before), &object, &place, &writer);
        Stored { object, managers }
    };
    adds_no_finalizer(&before, &stored)?;
    Ok(Answer::Object(200, state.update(resource, key, stored).to_json()))
}

/// What a write through the object, or through a subresource, may change; `live` is what is there of the rest, where all is said.
fn part(subresource: &str, mut object: Value, live: Option<&Value>) -> Value {
    let status = object.as_object_mut().and_then(|fields| fields.remove("status"));
    match (subresource, live) {
        ("", live) => {
            if let Some(status) = live.and_then(|live| live.get("status")) {
                object["status"] = status.clone();
            }
            object
        }
        (_, live) => {
            let only = || json!({ "apiVersion": object["apiVersion"], "kind": object["kind"], "metadata": {} });
            let mut whole = live.cloned().unwrap_or_else(only);
            if let Some(status) = status {
                whole["status"] = status;
            }
            whole
        }
    }
}

fn plain(mut object: Value) -> Value {
    without_nulls(&mut object);
    if !object["metadata"].is_object() {
        object["metadata"] = json!({});
    }
    if let Some(metadata) = object["metadata"].as_object_mut() {
        metadata.remove("managedFields");
    }
    object
}

fn precondition(stored: &Stored, resource: &Resource, key: &Key, named: &Value) -> Result<(), Refusal> {
    let found = stored.metadata("uid");
    if let Some(uid) = named["uid"].as_str().filter(|uid| *uid != found) {
        return Err(Refusal::other_uid(resource, key, uid, found));
    }
    match named["resourceVersion"].as_str() {
        Some(version) if !version.is_empty() && version != stored.metadata("resourceVersion") => {
            Err(Refusal::outdated(resource, key))
        }
        _ => Ok(()),
    }
}

fn adds_no_finalizer(before: &Stored, after: &Stored) -> Result<(), Refusal> {
    let of = |stored: &Stored| stored.object["metadata"]["finalizers"].as_array().cloned().unwrap_or_default();
    let held = of(before);
    if before.metadata("deletionTimestamp").is_empty() || of(after).iter().all(|name| held.contains(name)) {
        return Ok(());
    }
    Err(Refusal::new(
        422,
        "metadata.finalizers: Forbidden: no new finalizers can be added if the object is being deleted",
    ))
}

fn writer<'a>(state: &State, target: &'a Target, sent: &'a Sent) -> Writer<'a> {
    Writer {
        manager: target.parameter("fieldManager").unwrap_or(&sent.agent),
        subresource: &target.subresource,
        api_version: &target.api_version,
        time: state.clock.stamp(),
    }
}
