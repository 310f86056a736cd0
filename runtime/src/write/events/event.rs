//! What a run says, and about what.

use std::sync::Arc;

use serde::Serialize;

use crate::kind::{Kind, KindInfo};

/// The API server's limits, in bytes.
const NOTE: usize = 1024;
const WORD: usize = 128;

/// Something that happened to the primary, for people: a Kubernetes Event, as `kubectl describe` shows it.
///
/// The context of a run takes it: `cx.event(Event::normal("Scaled", "Scale", "from 1 to 3 replicas"))`.
///
/// # Guarantees
/// - Telling it never fails, never waits and wakes nobody. It is sent soon after, by a task of the manager; what is still
///   waiting when the manager stops is sent then, within 2 s.
/// - Equal events of one operator about one primary are a *series*: one object, which counts them. What differs in the
///   note is not equal. A series is sent whenever its count has doubled and otherwise once a minute; it ends when ten
///   minutes have passed without it.
/// - While the API server cannot be reached, events wait.
///
/// # Limits
/// - Events are told as well as can be done, not reliably. One that the API server refuses is dropped. So are a primary's
///   events beyond 25 different ones at a time, and what is new while 4096 are waiting in this process. That is logged, once.
/// - A note is cut after 1024 bytes, a reason and an action after 128.
///
/// # Rights
/// `create` and `patch` on `events` in the group `events.k8s.io`, in the primary's namespace; in `default` if it has none.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Event {
    pub(super) warning: bool,
    pub(super) reason: String,
    pub(super) action: String,
    pub(super) note: String,
    pub(super) related: Option<Reference>,
}

impl Event {
    /// Something to know. `reason` and `action` are words in CamelCase for programs, neither of them empty: what happened,
    /// such as `Scaled`, and what was being done, such as `Scale`. `note` is for people.
    pub fn normal(reason: impl Into<String>, action: impl Into<String>, note: impl Into<String>) -> Self {
        Self::new(false, reason.into(), action.into(), note.into())
    }

    /// Something to worry about; else as [`Event::normal`].
    pub fn warning(reason: impl Into<String>, action: impl Into<String>, note: impl Into<String>) -> Self {
        Self::new(true, reason.into(), action.into(), note.into())
    }

    /// Names another object that has to do with it, as the API server has sent it: one of a snapshot, or the answer to an
    /// apply.
    #[must_use]
    pub fn related<K: Kind>(self, object: &K) -> Self {
        let metadata = object.metadata();
        let related = Reference {
            name: metadata.name.clone().unwrap_or_default(),
            namespace: metadata.namespace.clone(),
            uid: metadata.uid.clone(),
            ..Reference::of(&K::info())
        };
        Self { related: Some(related), ..self }
    }

    fn new(warning: bool, reason: String, action: String, note: String) -> Self {
        Self { warning, reason: cut(reason, WORD), action: cut(action, WORD), note: cut(note, NOTE), related: None }
    }
}

/// Which object is meant, as an `ObjectReference` without a version.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Reference {
    pub(crate) api_version: String,
    pub(crate) kind: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) namespace: Option<String>,
    pub(crate) name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) uid: Option<String>,
}

impl Reference {
    /// Any object of this kind.
    pub(crate) fn of(kind: &KindInfo) -> Self {
        Self { api_version: kind.api_version(), kind: kind.kind.to_string(), ..Self::default() }
    }
}

/// An event with who tells it and which primary it regards. Equal ones are one series.
#[derive(Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Report {
    pub(crate) regarding: Arc<Reference>,
    pub(crate) controller: Arc<str>,
    pub(crate) event: Event,
}

/// At most so many bytes of the text, whole characters, and a sign that something is missing.
fn cut(mut text: String, limit: usize) -> String {
    const SIGN: char = '…';
    if text.len() > limit {
        text.truncate(boundary(&text, limit - SIGN.len_utf8()));
        text.push(SIGN);
    }
    text
}

/// The end of the last whole character within so many bytes.
pub(super) fn boundary(text: &str, limit: usize) -> usize {
    (0..=limit.min(text.len())).rev().find(|&i| text.is_char_boundary(i)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use k8s_openapi::api::rbac::v1::ClusterRole;
    use kube::core::ObjectMeta;

    use super::*;

    #[test]
    fn texts_are_cut_between_characters() {
        let event = Event::normal("ß".repeat(100), "x".repeat(128), format!("{}ßß", "x".repeat(1021)));
        assert_eq!(event.reason, format!("{}…", "ß".repeat(62)));
        assert_eq!(event.action.len(), 128, "fits");
        assert_eq!(event.note, format!("{}…", "x".repeat(1021)));
        assert_eq!(Event::normal("", "", "ß".repeat(512)).note.len(), 1024, "fits");
    }

    #[test]
    fn a_related_object_is_named_by_its_kind_and_identity() {
        let metadata = ObjectMeta { name: Some("reader".into()), uid: Some("u".into()), ..ObjectMeta::default() };
        let role = ClusterRole { metadata, ..ClusterRole::default() };
        let event = Event::warning("Denied", "Bind", "no").related(&role);
        assert_eq!(
            serde_json::to_string(&event.related).unwrap(),
            r#"{"apiVersion":"rbac.authorization.k8s.io/v1","kind":"ClusterRole","name":"reader","uid":"u"}"#
        );
    }
}
