//! Errors of the runtime.

mod named;
mod policy;
mod write;

use std::error::Error as StdError;
use std::fmt;
use std::time::Duration;

use crate::api::NotLeading;
use crate::operator::BoxError;
pub use named::{FieldConflict, InvalidField, ObjectName};
pub(crate) use policy::ErrorPolicy;
pub use policy::Retry;
pub use write::WriteError;

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
    /// A setting has a value that cannot be meant.
    #[error("`{setting}` of {of} cannot be {value}; {rule}")]
    Setting {
        /// What is set up: an operator by its name, or the manager.
        of: String,
        /// The method that sets it.
        setting: &'static str,
        /// What it was set to.
        value: String,
        /// What it may be.
        rule: &'static str,
    },
    /// The signal handlers cannot be installed.
    #[error("signals cannot be waited for")]
    Signals(#[source] std::io::Error),
    /// The operator's port cannot be opened: it is taken, or may not be used.
    #[cfg(feature = "server")]
    #[error("the port {address} for probes and metrics cannot be opened; choose another one, or end whoever has it")]
    Port {
        /// Where it was to listen.
        address: std::net::SocketAddr,
        /// What the system says.
        source: std::io::Error,
    },
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

/// What to do where the API server does not accept the operator's credentials.
pub(crate) const RENEW: &str = "renew the operator's token: a token file is read again within a minute, a token that stands in a \
                                kubeconfig only at the start";

/// Whether the API server could not be reached, did not answer in time, was not ready, asks for patience, or does not accept our
/// credentials for now: nothing that the object or the reconciler is to blame for.
pub(crate) fn is_outage(error: &(dyn StdError + 'static)) -> bool {
    std::iter::successors(Some(error), |&error| error.source()).any(|error| {
        let known = matches!(
            error.downcast_ref(),
            Some(WriteError::Timeout { .. } | WriteError::Busy { .. } | WriteError::Unauthorized { .. })
        );
        known
            || is_standby(error)
            || client_error(error).is_some_and(|error| match error {
                kube::Error::Api(status) => {
                    matches!(status.code, 401 | 429 | 502 | 503 | 504) || retry_after(status).is_some()
                }
                kube::Error::HyperError(_) | kube::Error::Service(_) | kube::Error::ReadEvents(_) => true,
                _ => false,
            })
    })
}

/// Whether the run has stopped because its primary has been deleted: the normal course of things.
pub(crate) fn is_end(error: &(dyn StdError + 'static)) -> bool {
    std::iter::successors(Some(error), |&error| error.source())
        .any(|error| matches!(error.downcast_ref(), Some(WriteError::PrimaryDeleted { .. })))
}

/// Whether something was not sent because this replica does not lead: the next leader does it.
pub(crate) fn is_handed_over(error: &(dyn StdError + 'static)) -> bool {
    std::iter::successors(Some(error), |&error| error.source()).any(is_standby)
}

fn is_standby(error: &(dyn StdError + 'static)) -> bool {
    error.is::<NotLeading>() || matches!(error.downcast_ref(), Some(WriteError::NotLeading { .. }))
}

/// How long the API server asks to wait before the next try; zero where it does not.
pub(crate) fn patience(error: &(dyn StdError + 'static)) -> Duration {
    let asked = std::iter::successors(Some(error), |&error| error.source()).filter_map(|error| {
        match (error.downcast_ref::<WriteError>(), client_error(error)) {
            (Some(WriteError::Busy { after, .. }), _) => Some(*after),
            (_, Some(kube::Error::Api(status))) => retry_after(status),
            _ => None,
        }
    });
    asked.max().unwrap_or_default()
}

/// The client's error, as it is or in the box that is the source of another.
fn client_error<'a>(error: &'a (dyn StdError + 'static)) -> Option<&'a kube::Error> {
    error.downcast_ref().or_else(|| error.downcast_ref::<Box<kube::Error>>().map(|error| &**error))
}

/// `Retry-After`, as the body of an answer repeats it.
pub(crate) fn retry_after(status: &kube::core::Status) -> Option<Duration> {
    let seconds = status.details.as_ref()?.retry_after_seconds;
    (seconds > 0).then(|| Duration::from_secs(u64::from(seconds)))
}

/// The error with its sources, on one line. A source whose text the error has said already is left out. What the API
/// server answered is its message alone: the client would show the whole answer.
pub(crate) fn chain(error: &(dyn StdError + 'static)) -> String {
    let mut text = String::new();
    for error in std::iter::successors(Some(error), |&error| error.source()) {
        let answer = match client_error(error) {
            Some(kube::Error::Api(status)) => Some(&status.message),
            _ => None,
        };
        let said = answer.cloned().unwrap_or_else(|| error.to_string());
        if text.is_empty() {
            text = said;
        } else if !text.contains(&said) {
            text = format!("{text}: {said}");
        }
        if answer.is_some() {
            break;
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
        let kind = crate::core::testing::kind("ConfigMap", true);
        let object = ObjectName::new(&kind, &crate::core::testing::key("default/web"));
        let write = |code| WriteError::Api { verb: "apply", object: object.clone(), source: Box::new(status(code)) };
        assert!(is_outage(&Outer(write(503).into())));
        assert!(is_outage(&status(429)) && is_outage(&status(401)));
        let unauthorized = WriteError::Unauthorized { verb: "apply", object: object.clone(), message: "no".into() };
        assert!(is_outage(&Outer(unauthorized.into())));
        assert!(is_outage(&WriteError::Timeout { verb: "apply", object: object.clone(), limit: Duration::ZERO }));
        assert!(is_outage(&kube::Error::Service("connection refused".into())));
        assert_eq!(chain(&Outer(write(500).into())), "outer: apply of ConfigMap default/web failed: no");
        let asks = r#"{"message":"later","code":500,"details":{"retryAfterSeconds":2}}"#;
        let asks = kube::Error::Api(serde_json::from_str(asks).unwrap());
        let asks = WriteError::Api { verb: "apply", object: object.clone(), source: Box::new(asks) };
        assert!(is_outage(&asks) && patience(&Outer(asks.into())) == Duration::from_secs(2));
        let standby = kube::Error::Service(NotLeading.into());
        assert!(is_outage(&standby) && is_handed_over(&Outer(standby.into())) && !is_handed_over(&write(503)));
        let standby = WriteError::NotLeading { verb: "apply", object: object.clone() };
        assert!(is_outage(&standby) && is_handed_over(&Outer(standby.into())));
        assert!(!is_outage(&write(422)) && !is_outage(&write(500)) && !is_outage(&Outer("other".into())));
    }

    #[test]
    fn a_chain_says_nothing_twice() {
        assert_eq!(chain(&Outer("inner".into())), "outer: inner");
        assert_eq!(chain(&Outer("out".into())), "outer");
    }
}
