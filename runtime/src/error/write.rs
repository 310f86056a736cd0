//! Why a write of a run was not done.

use std::fmt;
use std::time::Duration;

use super::{RENEW, chain};
use crate::core::key::Key;
use crate::kind::KindInfo;

/// An object as errors name it: `ConfigMap default/web-config`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObjectName {
    kind: String,
    key: Key,
}

impl ObjectName {
    pub(crate) fn new(kind: &KindInfo, key: &Key) -> Self {
        Self { kind: kind.kind.to_string(), key: key.clone() }
    }

    /// The kind, without its group.
    pub fn kind(&self) -> &str {
        &self.kind
    }

    /// The namespace; `None` for a cluster-scoped object.
    pub fn namespace(&self) -> Option<&str> {
        self.key.namespace()
    }

    /// The name.
    pub fn name(&self) -> &str {
        self.key.name()
    }
}

impl fmt::Display for ObjectName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.kind, self.key)
    }
}

/// A field that another manager owns.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct FieldConflict {
    /// The field, as the API server writes it: `.spec.replicas`.
    pub field: String,
    /// The field manager that owns it; if the API server names none, all that it says instead.
    pub manager: String,
    /// The subresource through which that manager wrote it, such as `status`.
    pub subresource: Option<String>,
    /// The version of the API that it was written with, if not by server-side apply.
    pub version: Option<String>,
}

impl FieldConflict {
    /// Reads what the API server says: `conflict with "hpa" with subresource "scale" using autoscaling/v1`, where all behind
    /// the manager may be missing, and a time may follow.
    pub(crate) fn read(field: &str, message: &str) -> Self {
        let quoted = |text: &str, before: &str| {
            let text = text.split_once(before)?.1;
            // It is quoted as JSON quotes, since a manager's name has printable characters alone.
            let mut strings = serde_json::Deserializer::from_str(text).into_iter::<String>();
            let string = strings.next()?.ok()?;
            Some((string, text[strings.byte_offset()..].to_owned()))
        };
        let field = field.to_owned();
        let Some((manager, rest)) = quoted(message, "conflict with ") else {
            return Self { field, manager: message.to_owned(), subresource: None, version: None };
        };
        let (subresource, rest) =
            quoted(&rest, " with subresource ").map_or((None, rest), |(name, rest)| (Some(name), rest));
        let version =
            rest.split_once(" using ").and_then(|(_, text)| text.split_whitespace().next()).map(str::to_owned);
        Self { field, manager, subresource, version }
    }
}

/// ``.spec.replicas of `hpa` (subresource `scale`, autoscaling/v1)``.
impl fmt::Display for FieldConflict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { field, manager, subresource, version } = self;
        write!(f, "{field} of `{manager}`")?;
        let subresource = subresource.as_ref().map(|name| format!("subresource `{name}`"));
        let details: Vec<String> = subresource.into_iter().chain(version.clone()).collect();
        if details.is_empty() { Ok(()) } else { write!(f, " ({})", details.join(", ")) }
    }
}

/// A field that the API server does not accept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidField {
    /// The field, as the API server writes it: `spec.selector`.
    pub field: String,
    /// What is wrong with it.
    pub message: String,
}

/// How the API server says that a field may not be changed.
const IMMUTABLE: [&str; 4] = ["immutable", "may not change", "cannot change", "updates to"];

impl InvalidField {
    /// Whether the field may not be changed once the object exists.
    pub fn is_immutable(&self) -> bool {
        IMMUTABLE.iter().any(|text| self.message.contains(text))
    }
}

impl fmt::Display for InvalidField {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.field, shortened(&self.message))
    }
}

/// Why a write of a run was not done.
///
/// Even if the run swallows the error and succeeds, another run follows, because what the error was about may have changed
/// unseen; except for what was not sent at all and for what the API server refused as invalid or forbidden.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WriteError {
    /// An object of this name exists, and it does not belong to our primary: by the controller reference, or by whatever relates
    /// the secondary. Nothing was changed.
    #[error(
        "{object} exists and does not belong to {primary}{}; it was left alone: rename it or delete it, write to \
         another name, or take it over with `adopt`",
        controller.as_ref().map(|c| format!(" but to {c}")).unwrap_or_default()
    )]
    NotOurs {
        /// The object in the way.
        object: ObjectName,
        /// The primary that was reconciled.
        primary: ObjectName,
        /// The kind and uid of its controller, where it is known.
        controller: Option<String>,
    },
    /// Other managers own fields of the object, want something else in them, and the declaration says `force = false`.
    /// Nothing was changed.
    #[error(
        "{object} has fields of other managers: {}; leave them out of what is applied, or declare `force = true` to take them over",
        list(fields)
    )]
    FieldConflict {
        /// The object.
        object: ObjectName,
        /// Each field in conflict.
        fields: Vec<FieldConflict>,
    },
    /// An object of this name exists already. Nothing was changed.
    #[error("{object} exists already; `create` only creates: use `apply`, or `generateName`")]
    Exists {
        /// The object.
        object: ObjectName,
        /// Whether the run sees it. Then nothing was sent.
        seen: bool,
    },
    /// The object was changed since the run saw it. Nothing was written; the next run sees the change.
    #[error("{object} was changed since the run saw it; the next run sees the change")]
    Outdated {
        /// The object.
        object: ObjectName,
    },
    /// The run does not see this object, and so it does not change it. Nothing was sent.
    #[error("the run sees no {object}, so it cannot change it; `apply` creates what is not there")]
    NotSeen {
        /// The object.
        object: ObjectName,
    },
    /// The object is gone or has been made anew since the run began.
    #[error("{object} is gone or was made anew while it was written")]
    Vanished {
        /// The object.
        object: ObjectName,
    },
    /// The primary is being deleted, or gone, since the run began. Nothing was written: what would be created now, the garbage
    /// collector would delete again. The cleanup, if one is declared, is the next run.
    #[error("{primary} has been deleted since the run began; {object} was not written")]
    PrimaryDeleted {
        /// The object.
        object: ObjectName,
        /// The primary that was reconciled.
        primary: ObjectName,
    },
    /// The desired object cannot belong to the primary. Nothing was sent.
    #[error("{object} cannot belong to {primary}; {reason}")]
    CannotRelate {
        /// The desired object.
        object: ObjectName,
        /// The primary that was reconciled.
        primary: ObjectName,
        /// The rule that it breaks, and what to do.
        reason: String,
    },
    /// The desired object has no `metadata.name`. Nothing was sent.
    #[error("a desired {kind} has no `metadata.name`; set one, such as the primary's")]
    NoName {
        /// Its kind.
        kind: String,
    },
    /// The desired object cannot be written as JSON. Nothing was sent.
    #[error("{kind} cannot be written as JSON")]
    Serialize {
        /// Its kind.
        kind: String,
        /// What serde says.
        #[source]
        source: serde_json::Error,
    },
    /// The API server does not accept what was sent. Trying again is of no use before the desired object changes.
    #[error("{object} is invalid: {}{}", if fields.is_empty() { shortened(message) } else { list(fields) }, remedy(fields))]
    Invalid {
        /// The object.
        object: ObjectName,
        /// Each field that is wrong; empty where the API server names none.
        fields: Vec<InvalidField>,
        /// What the API server says.
        message: String,
    },
    /// An admission webhook, a policy or a quota has refused the write.
    #[error("{verb} of {object} was denied: {message}")]
    Denied {
        /// What was sent.
        verb: &'static str,
        /// The object.
        object: ObjectName,
        /// What it says.
        message: String,
    },
    /// The operator lacks a right.
    #[error("{verb} of {object} is forbidden: {message}; allow the operator `{right}`")]
    Forbidden {
        /// What was sent.
        verb: &'static str,
        /// The object.
        object: ObjectName,
        /// What the API server says.
        message: String,
        /// The right in need: verbs, resource and group.
        right: String,
    },
    /// The API server does not accept the operator's credentials: its token has expired, or was revoked. Nothing was changed.
    /// The run is tried again as soon as after an outage.
    #[error("the API server does not accept the credentials of {verb} of {object}: {message}; {RENEW}")]
    Unauthorized {
        /// What was sent.
        verb: &'static str,
        /// The object.
        object: ObjectName,
        /// What the API server says.
        message: String,
    },
    /// The object cannot be created: its namespace or the definition of its kind does not exist, or is being deleted, or the kind is
    /// not served in the version and scope of its Rust type.
    #[error("{object} cannot be created: {message}")]
    NoPlace {
        /// The object.
        object: ObjectName,
        /// What the API server says.
        message: String,
    },
    /// The API server asks for patience, or cannot work at the moment.
    #[error("the API server is too busy for {verb} of {object}: {message}")]
    Busy {
        /// What was sent.
        verb: &'static str,
        /// The object.
        object: ObjectName,
        /// What the API server says.
        message: String,
        /// How long it asks to wait; zero where it does not say.
        after: Duration,
    },
    /// This replica does not lead any more, so nothing was sent. The run is given up; the replica that leads has another one.
    #[error("{verb} of {object} was not sent, since this replica does not lead; the one that does takes it up")]
    NotLeading {
        /// What was to be sent.
        verb: &'static str,
        /// The object.
        object: ObjectName,
    },
    /// The write was done, and its answer cannot be decoded.
    #[error("the answer to {verb} of {object} cannot be decoded")]
    Answer {
        /// What was sent.
        verb: &'static str,
        /// The object.
        object: ObjectName,
        /// What serde says.
        #[source]
        source: serde_json::Error,
    },
    /// No answer came in time. The write may have been done.
    #[error("{verb} of {object} was not answered within {} s", limit.as_secs())]
    Timeout {
        /// What was sent.
        verb: &'static str,
        /// The object.
        object: ObjectName,
        /// The time that was waited.
        limit: Duration,
    },
    /// The API server refused the write for another reason, or could not be reached. The write may have been done.
    #[error("{verb} of {object} failed: {}", chain(source))]
    Api {
        /// What was sent.
        verb: &'static str,
        /// The object.
        object: ObjectName,
        /// The client's error.
        source: Box<kube::Error>,
    },
}

impl WriteError {
    /// Whether what the error is about may have changed unseen by the run. What was never sent, or refused for what it says,
    /// hides nothing.
    pub(crate) fn may_hide_a_change(&self) -> bool {
        !matches!(
            self,
            Self::NoName { .. }
                | Self::NotSeen { .. }
                | Self::PrimaryDeleted { .. }
                | Self::CannotRelate { .. }
                | Self::Exists { seen: true, .. }
                | Self::Serialize { .. }
                | Self::Invalid { .. }
                | Self::Denied { .. }
                | Self::Forbidden { .. }
                | Self::Unauthorized { .. }
                | Self::NoPlace { .. }
                | Self::Busy { .. }
                | Self::NotLeading { .. }
        ) && !self.is_refusal(&[400])
    }

    /// Whether it is unknown what came of the write.
    pub(crate) fn is_unknown(&self) -> bool {
        match self {
            Self::Answer { .. } | Self::Timeout { .. } => true,
            Self::Api { source, .. } => match &**source {
                kube::Error::Api(status) => status.code >= 500,
                kube::Error::HttpError(_) => false,
                _ => true,
            },
            _ => false,
        }
    }

    fn is_refusal(&self, codes: &[u16]) -> bool {
        let Self::Api { source, .. } = self else { return false };
        matches!(&**source, kube::Error::Api(status) if codes.contains(&status.code))
    }
}

/// The API server shows the value that it does not take, and that may be a whole Pod template: in the middle of what it
/// says, before what is wrong with it.
fn shortened(message: &str) -> String {
    const BEGIN: usize = 100;
    const END: usize = 300;
    let count = message.chars().count();
    if count <= BEGIN + END {
        return message.to_owned();
    }
    let begin: String = message.chars().take(BEGIN).collect();
    let end: String = message.chars().skip(count - END).collect();
    format!("{begin} … {end}")
}

fn list<T: ToString>(items: &[T]) -> String {
    items.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

fn remedy(fields: &[InvalidField]) -> &'static str {
    if fields.iter().any(InvalidField::is_immutable) {
        "; leave the field as it is, or delete the object so that it is made anew"
    } else {
        ""
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_conflict_names_the_manager() {
        let said = |message: &str| FieldConflict::read(".spec.replicas", message).to_string();
        assert_eq!(said(r#"conflict with "one""#), ".spec.replicas of `one`");
        assert_eq!(said(r#"conflict with "a \"b\"" using v1"#), r#".spec.replicas of `a "b"` (v1)"#);
        assert_eq!(
            said(r#"conflict with "hpa" with subresource "scale" using autoscaling/v1 at 2026-01-02T03:04:05Z"#),
            ".spec.replicas of `hpa` (subresource `scale`, autoscaling/v1)"
        );
        let odd = FieldConflict::read(".x", "somebody else's");
        assert_eq!((odd.manager.as_str(), odd.subresource, odd.version), ("somebody else's", None, None));
    }

    #[test]
    fn an_immutable_field_comes_with_its_remedy() {
        let object = ObjectName { kind: "Deployment".into(), key: Key::new(Some("default"), "web") };
        let field = |message: &str| InvalidField { field: "spec.selector".into(), message: message.into() };
        let invalid = |message| WriteError::Invalid {
            object: object.clone(),
            fields: vec![field(message)],
            message: String::new(),
        };
        assert_eq!(
            invalid("field is immutable").to_string(),
            "Deployment default/web is invalid: spec.selector: field is immutable; leave the field as it is, or delete \
             the object so that it is made anew"
        );
        assert_eq!(invalid("required").to_string(), "Deployment default/web is invalid: spec.selector: required");
        let long = invalid(&format!("Invalid value: {{{}}}: field is immutable", "é".repeat(5000))).to_string();
        assert!(
            long.chars().count() < 600 && long.contains("Invalid value: {é") && long.contains(": field is immutable; ")
        );
    }
}
