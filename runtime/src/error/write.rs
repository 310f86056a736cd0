//! Why a write of a run was not done.

use std::time::Duration;

use super::named::{FieldConflict, InvalidField, ObjectName, shortened};
use super::{RENEW, chain};

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
    fn an_immutable_field_comes_with_its_remedy() {
        let object = ObjectName::made("Deployment", "default", "web");
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
