//! Errors of the runtime.

use std::error::Error as StdError;
use std::fmt;
use std::time::Duration;

use crate::core::key::Key;
use crate::kind::KindInfo;
use crate::operator::BoxError;

/// Why a [`Manager`](crate::Manager) could not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// There is no usable configuration for a cluster, neither a kubeconfig nor that of a Pod.
    #[error(
        "no configuration for a Kubernetes cluster was found; set KUBECONFIG, or run in a Pod with a service account"
    )]
    Config(#[source] kube::config::InferConfigError),
    /// The configuration does not make a client.
    #[error("the configuration of the Kubernetes cluster cannot be used")]
    Client(#[source] kube::Error),
    /// Two operators of one manager have the same name, so that nobody could tell their writes apart.
    #[error("two operators are called `{0}`; give one of them another `field_manager`")]
    SameFieldManager(String),
    /// The signal handlers cannot be installed.
    #[error("signals cannot be waited for")]
    Signals(#[source] std::io::Error),
}

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
pub struct FieldConflict {
    /// The field, as the API server writes it: `.spec.replicas`.
    pub field: String,
    /// What the API server says about its manager.
    pub message: String,
}

/// Why a write of a run was not done.
///
/// Even if the run swallows the error and succeeds, another run follows, because what the error was about may have changed
/// unseen; except for what was not sent at all and for what the API server refused as invalid or forbidden.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WriteError {
    /// An object of this name exists, and our primary does not control it. Nothing was changed.
    #[error(
        "{object} exists and is not controlled by {primary}{}; it was left alone: rename it or delete it, or write to another name",
        controller.as_ref().map(|c| format!(" but by {c}")).unwrap_or_default()
    )]
    NotOurs {
        /// The object in the way.
        object: ObjectName,
        /// The primary that was reconciled.
        primary: ObjectName,
        /// The kind and uid of its controller, where the cache knows it.
        controller: Option<String>,
    },
    /// Fields of the object are owned by other managers, and the write was not forced.
    #[error("{object} has fields of other managers: {}", fields.iter().map(|c| format!("{} ({})", c.field, c.message)).collect::<Vec<_>>().join(", "))]
    FieldConflict {
        /// The object.
        object: ObjectName,
        /// Each field in conflict.
        fields: Vec<FieldConflict>,
    },
    /// The object, or the primary itself, is gone or has been made anew since the run began.
    #[error("{object} is gone or was made anew while it was written")]
    Vanished {
        /// The object.
        object: ObjectName,
    },
    /// The desired object cannot belong to the primary. Nothing was sent.
    #[error("{object} cannot be owned by {primary}; {reason}")]
    CannotOwn {
        /// The desired object.
        object: ObjectName,
        /// The primary that was reconciled.
        primary: ObjectName,
        /// The rule that it breaks, and what to do.
        reason: &'static str,
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
    /// The API server refused the write, or could not be reached.
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
    /// Whether what the error is about may have changed unseen by the run, or whether it is unknown what came of the write.
    /// What was never sent, or refused for what it says, hides nothing.
    pub(crate) fn may_hide_a_change(&self) -> bool {
        match self {
            Self::NoName { .. } | Self::CannotOwn { .. } | Self::Serialize { .. } => false,
            Self::Api { source, .. } => {
                !matches!(&**source, kube::Error::Api(status) if matches!(status.code, 400 | 401 | 403 | 413 | 422))
            }
            _ => true,
        }
    }
}

/// An error that trying again does not cure, such as a spec that contradicts itself.
///
/// Return it, or an error with it among its sources, from a reconciler: the primary is not tried again until something
/// changes. `steersman::Terminal::new("the schedule cannot be parsed")?` works where the error type is a box.
#[derive(Debug)]
pub struct Terminal(BoxError);

impl Terminal {
    /// Marks an error as terminal.
    pub fn new(error: impl Into<BoxError>) -> Self {
        Self(error.into())
    }

    /// Whether an error, or one of its sources, is terminal.
    pub(crate) fn is_in(error: &(dyn StdError + 'static)) -> bool {
        std::iter::successors(Some(error), |&error| error.source()).any(|error| error.is::<Self>())
    }
}

impl fmt::Display for Terminal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl StdError for Terminal {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.source()
    }
}

/// Whether the API server could not be reached, did not answer in time, or was not ready: nothing that the object or the
/// reconciler is to blame for.
pub(crate) fn is_outage(error: &(dyn StdError + 'static)) -> bool {
    std::iter::successors(Some(error), |&error| error.source()).any(|error| {
        let client = error.downcast_ref::<kube::Error>().or_else(|| match error.downcast_ref::<WriteError>()? {
            WriteError::Api { source, .. } => Some(source),
            _ => None,
        });
        let timeout = matches!(error.downcast_ref(), Some(WriteError::Timeout { .. }));
        timeout
            || client.is_some_and(|error| match error {
                kube::Error::Api(status) => matches!(status.code, 429 | 502 | 503 | 504),
                kube::Error::HyperError(_) | kube::Error::Service(_) | kube::Error::ReadEvents(_) => true,
                _ => false,
            })
    })
}

/// The error with its sources, on one line. A source whose text the error has said already is left out.
pub(crate) fn chain(error: &(dyn StdError + 'static)) -> String {
    let mut text = error.to_string();
    for source in std::iter::successors(error.source(), |&error| error.source()) {
        let source = source.to_string();
        if !text.contains(&source) {
            text = format!("{text}: {source}");
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("outer")]
    struct Outer(#[source] BoxError);

    #[test]
    fn a_terminal_error_is_found_among_the_sources() {
        assert!(Terminal::is_in(&Outer(Terminal::new("inner").into())));
        assert!(!Terminal::is_in(&Outer("inner".into())));
    }

    #[test]
    fn an_outage_is_told_from_a_refusal() {
        let status = |code| {
            let status = format!(r#"{{"status":"Failure","message":"no","reason":"No","code":{code}}}"#);
            kube::Error::Api(serde_json::from_str(&status).unwrap())
        };
        let object = ObjectName { kind: "ConfigMap".into(), key: Key::new(Some("default"), "web") };
        let write = |code| WriteError::Api { verb: "apply", object: object.clone(), source: Box::new(status(code)) };
        assert!(is_outage(&Outer(write(503).into())));
        assert!(is_outage(&status(429)));
        assert!(is_outage(&WriteError::Timeout { verb: "apply", object: object.clone(), limit: Duration::ZERO }));
        assert!(is_outage(&kube::Error::Service("connection refused".into())));
        assert!(!is_outage(&write(422)) && !is_outage(&write(500)) && !is_outage(&Outer("other".into())));
    }

    #[test]
    fn a_chain_says_nothing_twice() {
        assert_eq!(chain(&Outer("inner".into())), "outer: inner");
        assert_eq!(chain(&Outer("out".into())), "outer");
    }
}
