//! Watches: who sees which change, and the stream that tells it.

use std::time::Duration;

use bytes::Bytes;
use futures::Stream;
use http_body::Frame;
use kube::core::{Expression, Selector, SelectorExt};
use serde_json::{Value, json};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::time::Instant;

use super::path::{Resource, Target};
use super::refusal::Refusal;
use super::state::{Change, State};
use crate::core::key::Key;
use crate::operator::BoxError;

/// The API server tells each minute how far a watch has come.
const BOOKMARK: Duration = Duration::from_secs(60);

/// Which objects of a kind, and in which form.
#[derive(Clone, Debug)]
pub(super) struct Scope {
    resource: Resource,
    namespace: Option<String>,
    labels: Selector,
    fields: Vec<(String, bool, String)>,
    metadata: bool,
}

impl Scope {
    pub(super) fn of(target: &Target, accept: &str) -> Self {
        Self {
            resource: target.resource.clone(),
            namespace: target.namespace.clone(),
            labels: labels(target.parameter("labelSelector").unwrap_or_default()),
            fields: fields(target.parameter("fieldSelector").unwrap_or_default()),
            metadata: accept.contains("as=PartialObjectMetadata"),
        }
    }

    pub(super) fn selects(&self, key: &Key, object: &Value) -> bool {
        let of = |path: &str| {
            let pointer = format!("/{}", path.replace('.', "/"));
            match object.pointer(&pointer) {
                Some(Value::String(text)) => text.clone(),
                Some(Value::Null) | None => String::new(),
                Some(value) => value.to_string(),
            }
        };
        let labels = serde_json::from_value(object["metadata"]["labels"].clone()).unwrap_or_default();
        self.namespace.as_deref().is_none_or(|namespace| key.namespace() == Some(namespace))
            && self.labels.matches(&labels)
            && self.fields.iter().all(|(path, equals, value)| (of(path) == *value) == *equals)
    }

    /// The object as the watch shows it.
    pub(super) fn show(&self, object: Value) -> Value {
        if !self.metadata {
            return object;
        }
        json!({ "kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1", "metadata": object["metadata"] })
    }
}

/// What a watch tells.
#[derive(Debug)]
enum Message {
    Line(u64, Value),
    /// How far it has come.
    Version(u64),
    Expired,
    Broken,
}

/// A watch under way.
#[derive(Debug)]
pub(super) struct Watcher {
    scope: Scope,
    sender: UnboundedSender<Message>,
}

impl Watcher {
    /// Tells a change, if it concerns the watch. Whether somebody still listens.
    pub(super) fn tell(&self, change: &Change) -> bool {
        if change.resource == self.scope.resource
            && let Some(line) = self.line(change)
        {
            return self.sender.send(Message::Line(change.rv, line)).is_ok();
        }
        self.sender.send(Message::Version(change.rv)).is_ok()
    }

    fn line(&self, change: &Change) -> Option<Value> {
        let selects = |object: &Value| self.scope.selects(&change.key, object);
        let was = change.before.as_ref().is_some_and(selects);
        let is = !change.deleted && selects(&change.after);
        let word = match (was, is) {
            (false, true) => "ADDED",
            (true, true) => "MODIFIED",
            (true, false) => "DELETED",
            (false, false) => return None,
        };
        Some(json!({ "type": word, "object": self.scope.show(change.after.clone()) }))
    }

    pub(super) fn expire(self) {
        let _ = self.sender.send(Message::Expired);
    }

    pub(super) fn disconnect(self) {
        let _ = self.sender.send(Message::Broken);
    }
}

/// Begins a watch: from a version on, or with a list.
pub(super) fn begin(state: &mut State, target: &Target, scope: Scope) -> Result<Lines, Refusal> {
    let (sender, receiver) = unbounded_channel();
    let watcher = Watcher { scope, sender };
    let send = |message| drop(watcher.sender.send(message));
    let from = target.parameter("resourceVersion").and_then(|version| version.parse::<u64>().ok());
    if from.is_none() {
        for (key, stored) in state.all(&watcher.scope.resource) {
            let object = stored.to_json();
            if watcher.scope.selects(key, &object) {
                send(Message::Line(state.rv, json!({ "type": "ADDED", "object": watcher.scope.show(object) })));
            }
        }
        if target.flag("sendInitialEvents") {
            let end = json!({ "k8s.io/initial-events-end": "true" });
            send(Message::Line(state.rv, bookmark(&target.api_version, state.rv, end)));
        }
    } else if let Some(from) = from {
        if from < state.oldest {
            return Err(Refusal::new(410, "The resourceVersion for the provided watch is too old."));
        }
        for change in state.since(from).filter(|change| change.resource == watcher.scope.resource) {
            watcher.line(change).map(|line| Message::Line(change.rv, line)).into_iter().for_each(send);
        }
    }
    state.watchers.push(watcher);
    let seconds = target.parameter("timeoutSeconds").and_then(|seconds| seconds.parse().ok()).unwrap_or(1800);
    let end = Instant::now() + Duration::from_secs(seconds);
    let next = Instant::now() + BOOKMARK;
    Ok(Lines { receiver, api_version: target.api_version.clone(), version: state.rv, end, next, over: false })
}

fn bookmark(api_version: &str, rv: u64, annotations: Value) -> Value {
    let metadata = json!({ "resourceVersion": rv.to_string(), "annotations": annotations });
    json!({ "type": "BOOKMARK", "object": { "kind": "Bookmark", "apiVersion": api_version, "metadata": metadata } })
}

/// The answer to a watch.
#[derive(Debug)]
pub(super) struct Lines {
    receiver: UnboundedReceiver<Message>,
    api_version: String,
    version: u64,
    end: Instant,
    next: Instant,
    over: bool,
}

impl Lines {
    /// The frames of the answer's body.
    pub(super) fn frames(self) -> impl Stream<Item = Result<Frame<Bytes>, BoxError>> + Send {
        futures::stream::unfold(self, async |mut lines| {
            let line = lines.next().await?;
            Some((line.map(|line| Frame::data(Bytes::from(format!("{line}\n")))), lines))
        })
    }

    async fn next(&mut self) -> Option<Result<Value, BoxError>> {
        while !self.over {
            tokio::select! {
                biased;
                message = self.receiver.recv() => match message? {
                    Message::Line(version, line) => {
                        self.version = version;
                        return Some(Ok(line));
                    }
                    Message::Version(version) => self.version = version,
                    Message::Expired => {
                        self.over = true;
                        let status = Refusal::new(410, "too old resource version").to_json();
                        return Some(Ok(json!({ "type": "ERROR", "object": status })));
                    }
                    Message::Broken => {
                        self.over = true;
                        return Some(Err("the connection was cut".into()));
                    }
                },
                () = tokio::time::sleep_until(self.end) => return None,
                () = tokio::time::sleep_until(self.next) => {
                    self.next += BOOKMARK;
                    return Some(Ok(bookmark(&self.api_version, self.version, json!({}))));
                }
            }
        }
        None
    }
}

/// Reads a label selector.
fn labels(text: &str) -> Selector {
    let mut expressions = Vec::new();
    let mut depth = 0;
    let parts = text.split(|c| {
        depth += i32::from(c == '(') - i32::from(c == ')');
        c == ',' && depth == 0
    });
    for part in parts.map(str::trim).filter(|part| !part.is_empty()) {
        expressions.push(expression(part));
    }
    expressions.into_iter().collect()
}

fn expression(text: &str) -> Expression {
    let set =
        |values: &str| values.trim_matches([' ', '(', ')']).split(',').map(|value| value.trim().to_owned()).collect();
    let trim = |text: &str| text.trim().to_owned();
    if let Some((key, values)) = text.split_once(" notin ") {
        Expression::NotIn(trim(key), set(values))
    } else if let Some((key, values)) = text.split_once(" in ") {
        Expression::In(trim(key), set(values))
    } else if let Some((key, value)) = text.split_once("!=") {
        Expression::NotEqual(trim(key), trim(value))
    } else if let Some((key, value)) = text.split_once('=') {
        Expression::Equal(trim(key), trim(value.trim_start_matches('=')))
    } else if let Some(key) = text.strip_prefix('!') {
        Expression::DoesNotExist(trim(key))
    } else {
        Expression::Exists(trim(text))
    }
}

/// Reads a field selector: the path, whether it must equal, and the value.
fn fields(text: &str) -> Vec<(String, bool, String)> {
    let each = text.split(',').filter(|part| !part.is_empty()).filter_map(|part| {
        let (path, value) = part.split_once('=')?;
        let (path, equals) = path.strip_suffix('!').map_or((path, true), |path| (path, false));
        Some((path.trim().to_owned(), equals, value.trim_start_matches('=').trim().to_owned()))
    });
    each.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn selectors_are_read_as_they_are_written() {
        for text in ["a/b", "!hidden", "tier in (db,web),!hidden", "t notin (x,y)", "a=b", "a!=b"] {
            assert_eq!(labels(text).to_string(), text);
        }
        assert!(labels("").selects_all());
        assert_eq!(fields("metadata.name!=x,type==y").len(), 2);
    }
}
