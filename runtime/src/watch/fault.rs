//! Why a watch does not work, and how long to wait before the next try.

use std::fmt;
use std::hash::{BuildHasher, RandomState};
use std::time::Duration;

use kube::core::Status;

use crate::error::RENEW;

/// What ended a list or a watch.
#[derive(Debug)]
pub(crate) enum Fault {
    /// The version to go on from is too old: list again. Normal after a restart of the API server.
    Expired,
    /// The kind is not served: its CRD is not installed, or no longer.
    NotServed,
    /// The kind is served, and what it shows is of the other scope than its Rust type: no key of it would be right.
    OtherScope,
    /// We may not: no right, or, for a moment after its start, an API server that knows no rights yet.
    Forbidden(String),
    /// The API server does not accept our credentials: a token that has expired, or was revoked.
    Unauthorized(String),
    /// The API server asks for patience.
    Busy { message: String, after: Duration },
    /// The API server does not know streaming lists, which are on by default since Kubernetes 1.34.
    NoStreamingList,
    /// The kind cannot be selected by the field with this path.
    NotSelectable(String),
    /// Any other answer of the API server.
    Refused(String),
    /// No connection, or it broke.
    Unreachable(String),
    /// Nothing came for so long that the connection must be dead or the API server hung: it sends a bookmark each minute.
    Silent(Duration),
    /// The answer is not what the API server's protocol says.
    Garbled(String),
}

impl Fault {
    /// Faults with the same word are one state, and said once.
    pub(crate) fn word(&self) -> &'static str {
        match self {
            Self::Expired => "expired",
            Self::NotServed => "not served",
            Self::OtherScope => "other scope",
            Self::Forbidden(_) => "forbidden",
            Self::Unauthorized(_) => "unauthorized",
            Self::Busy { .. } => "busy",
            Self::NoStreamingList => "no streaming list",
            Self::NotSelectable(_) => "not selectable",
            Self::Refused(_) => "refused",
            Self::Unreachable(_) => "unreachable",
            Self::Silent(_) => "silent",
            Self::Garbled(_) => "garbled",
        }
    }

    /// Reads an error answer of the API server.
    pub(crate) fn from_status(status: &Status) -> Self {
        let message = if status.message.is_empty() { status.reason.clone() } else { status.message.trim().to_owned() };
        match status.code {
            404 => Self::NotServed,
            410 => Self::Expired,
            400 | 422 if message.contains("sendInitialEvents") => Self::NoStreamingList,
            400 if let Some(path) = unknown_field(&message) => Self::NotSelectable(path.to_owned()),
            401 => Self::Unauthorized(message),
            403 => Self::Forbidden(message),
            429 => {
                let seconds = status.details.as_ref().map_or(1, |details| details.retry_after_seconds.max(1));
                Self::Busy { message, after: Duration::from_secs(u64::from(seconds.min(30))) }
            }
            _ => Self::Refused(message),
        }
    }

    /// The wait before the next try, after `failures` of them in a row. It never outlasts a short outage: at most one
    /// second where the API server cannot be reached, five where it answers.
    pub(crate) fn delay(&self, failures: u32) -> Duration {
        let (first, longest) = match self {
            Self::Expired if failures == 0 => return Duration::ZERO,
            Self::NoStreamingList => return Duration::ZERO,
            Self::Unreachable(_) | Self::Silent(_) => (Duration::from_millis(100), Duration::from_secs(1)),
            Self::Busy { after, .. } => (*after, (*after).max(Duration::from_secs(5))),
            _ => (Duration::from_millis(200), Duration::from_secs(5)),
        };
        let delay = first.saturating_mul(1 << failures.min(16)).min(longest);
        // Spread by ±20 %, so that the watches of many operators do not come back all at once.
        let unit = (RandomState::new().hash_one(failures) % 1000) as f64 / 1000.0;
        delay.mul_f64(0.8 + 0.4 * unit)
    }
}

/// The path of the field that the API server cannot select by. Its kinds say so in words of their own; see `selectable` for the
/// fields that they know.
fn unknown_field(message: &str) -> Option<&str> {
    if let Some((before, _)) = message.split_once("\" is not a known field selector") {
        return Some(before.rsplit_once('"')?.1);
    }
    let (_, after) = message.split_once("field label ")?;
    match after.strip_prefix('"') {
        Some(after) => Some(after.split_once("\" not supported")?.0),
        None => Some(after.strip_prefix("not supported")?.rsplit_once(": ")?.1),
    }
}

impl From<kube::Error> for Fault {
    fn from(error: kube::Error) -> Self {
        match error {
            kube::Error::Api(status) => Self::from_status(&status),
            error => Self::Unreachable(crate::error::chain(&error)),
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Expired => f.write_str("the version to go on from is too old"),
            Self::NoStreamingList => f.write_str("the API server does not know streaming lists"),
            Self::NotServed => f.write_str("the API server does not serve this kind; is its CRD installed?"),
            Self::OtherScope => f.write_str("the scope of the kind is not that of its Rust type"),
            Self::NotSelectable(path) => write!(f, "the kind cannot be selected by `{path}`"),
            Self::Unauthorized(message) => {
                write!(f, "the API server does not accept the operator's credentials: {message}; {RENEW}")
            }
            Self::Forbidden(message) | Self::Busy { message, .. } | Self::Refused(message) => f.write_str(message),
            Self::Unreachable(message) => write!(f, "the API server cannot be reached: {message}"),
            Self::Silent(time) => write!(f, "the API server has been silent for {} s", time.as_secs()),
            Self::Garbled(message) => write!(f, "the answer cannot be read: {message}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_backoff_does_not_outlast_a_short_outage() {
        for failures in [0, 1, 5, 100] {
            assert!(Fault::Unreachable(String::new()).delay(failures) <= Duration::from_millis(1200));
            assert!(Fault::NotServed.delay(failures) <= Duration::from_secs(6));
        }
    }

    #[test]
    fn a_relist_after_expiry_does_not_wait_but_a_second_one_in_a_row_does() {
        assert_eq!(Fault::Expired.delay(0), Duration::ZERO);
        assert!(Fault::Expired.delay(1) >= Duration::from_millis(320));
    }

    #[test]
    fn the_field_that_a_kind_does_not_know_is_found_in_every_form() {
        for message in [
            "field label not supported: spec.x",
            "field label not supported for resource.k8s.io/v1, Kind=ResourceSlice: spec.x",
            "field label \"spec.x\" not supported for Job",
            "\"spec.x\" is not a known field selector: only \"metadata.name\", \"metadata.namespace\"",
        ] {
            assert_eq!(unknown_field(message), Some("spec.x"), "{message}");
        }
        assert_eq!(unknown_field("the field selector is invalid"), None);
    }

    #[test]
    fn the_server_decides_how_long_it_is_busy() {
        let answer = r#"{"status":"Failure","message":"storage is (re)initializing","reason":"TooManyRequests","code":429,
            "details":{"retryAfterSeconds":3}}"#;
        let status: Status = serde_json::from_str(answer).unwrap();
        assert!(Fault::from_status(&status).delay(0) >= Duration::from_millis(2400));
    }
}
