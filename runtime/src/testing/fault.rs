//! What goes wrong on the way to the API server, or in it.

use std::fmt;

use super::request::Verb;
use super::server::{ApiServer, Resource};
use crate::kind::Kind;

/// What becomes of the next requests that it is about, instead of what they ask for.
///
/// ```
/// # use k8s_openapi::api::core::v1::ConfigMap;
/// # use steersman::testing::{ApiServer, Fault, Verb};
/// # let api = ApiServer::new();
/// api.fail(Fault::status(429).verb(Verb::Apply).on::<ConfigMap>().times(3).retry_after(2));
/// api.fail(Fault::lost_answer().verb(Verb::Delete).named("default/web"));
/// ```
#[must_use = "a fault does nothing until it is given to `ApiServer::fail`"]
pub struct Fault {
    pub(super) how: How,
    verb: Option<Verb>,
    resource: Option<Resource>,
    object: Option<String>,
    subresource: Option<String>,
    times: usize,
    pub(super) retry_after: Option<u32>,
}

pub(super) enum How {
    /// An answer with this code; nothing is done.
    Status(u16),
    /// Nothing is done, and the connection breaks.
    Unreachable,
    /// It is done, and the connection breaks.
    LostAnswer,
    /// Somebody is faster.
    Before(Box<dyn FnOnce(&ApiServer) + Send>),
}

impl Fault {
    /// The API server refuses with this code, and does nothing: 403, 409, 410, 429, 500, 503, ..
    pub fn status(code: u16) -> Self {
        Self::new(How::Status(code))
    }

    /// The API server cannot be reached: nothing is done, and there is no answer.
    pub fn unreachable() -> Self {
        Self::new(How::Unreachable)
    }

    /// The API server does what it is asked for, but its answer is lost.
    pub fn lost_answer() -> Self {
        Self::new(How::LostAnswer)
    }

    /// Somebody else changes something after the request was sent and before it arrives: what comes of it is the API server's own
    /// answer.
    pub fn race(change: impl FnOnce(&ApiServer) + Send + 'static) -> Self {
        Self::new(How::Before(Box::new(change)))
    }

    fn new(how: How) -> Self {
        Self { how, verb: None, resource: None, object: None, subresource: None, times: 1, retry_after: None }
    }

    /// For requests with this verb; without it, for all, watches included.
    pub fn verb(self, verb: Verb) -> Self {
        Self { verb: Some(verb), ..self }
    }

    /// For requests about this kind; without it, about all.
    pub fn on<K: Kind>(self) -> Self {
        Self { resource: Some(Resource::of(&K::info())), ..self }
    }

    /// For requests about the object of this name, `namespace/name` or `name`.
    pub fn named(self, object: &str) -> Self {
        Self { object: Some(object.to_owned()), ..self }
    }

    /// For requests about a subresource, such as `status`.
    pub fn subresource(self, name: &str) -> Self {
        Self { subresource: Some(name.to_owned()), ..self }
    }

    /// For so many requests; without it, for one.
    pub fn times(self, times: usize) -> Self {
        Self { times, ..self }
    }

    /// With the header `Retry-After`, in seconds.
    pub fn retry_after(self, seconds: u32) -> Self {
        Self { retry_after: Some(seconds), ..self }
    }

    pub(super) fn concerns(&self, verb: Verb, resource: &Resource, object: &str, subresource: &str) -> bool {
        self.verb.is_none_or(|other| other == verb)
            && self.resource.as_ref().is_none_or(|other| other == resource)
            && self.object.as_deref().is_none_or(|other| other == object)
            && self.subresource.as_deref().is_none_or(|other| other == subresource)
    }

    /// The first of the faults that concerns a request; what is used up is taken away.
    pub(super) fn take(
        faults: &mut Vec<Self>,
        verb: Verb,
        (resource, object, subresource): (&Resource, &str, &str),
    ) -> Option<Self> {
        let place = faults.iter().position(|fault| fault.concerns(verb, resource, object, subresource))?;
        let fault = &mut faults[place];
        fault.times = fault.times.saturating_sub(1);
        let again = match fault.how {
            _ if fault.times == 0 => return Some(faults.remove(place)),
            How::Status(code) => How::Status(code),
            How::Unreachable => How::Unreachable,
            How::LostAnswer => How::LostAnswer,
            How::Before(_) => return Some(faults.remove(place)),
        };
        Some(Self { retry_after: fault.retry_after, ..Self::new(again) })
    }
}

impl fmt::Debug for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let how = match &self.how {
            How::Status(code) => format!("status {code}"),
            How::Unreachable => "unreachable".to_owned(),
            How::LostAnswer => "lost answer".to_owned(),
            How::Before(_) => "race".to_owned(),
        };
        f.debug_struct("Fault").field("how", &how).field("times", &self.times).finish_non_exhaustive()
    }
}
