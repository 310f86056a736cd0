//! What happens to which requests.

use http::{Method, Uri};

use crate::Gate;

/// What happens to the next requests that it is about. About which, [`verb`](Self::verb), [`resource`](Self::resource) and
/// [`named`](Self::named) say; without them, about all writes. Questions about one's own rights are never meant.
#[derive(Clone, Debug)]
#[must_use = "a fault does nothing until it is given to `Gateway::fail`"]
pub struct Fault {
    how: How,
    verb: Option<String>,
    resource: Option<String>,
    name: Option<String>,
    times: usize,
}

#[derive(Clone, Debug)]
pub(super) enum How {
    Refused { code: u16, wait: Option<u32>, body: String },
    Done { code: u16, body: String },
    Lost(Gate),
    Half,
    Endless { code: u16 },
    Late(Gate),
    Held(Gate),
}

impl Fault {
    /// The API server does not get it; this status is the answer, with a `Status` as the API server would write it.
    pub fn status(code: u16) -> Self {
        let reason = match code {
            401 => "Unauthorized",
            403 => "Forbidden",
            404 => "NotFound",
            409 => "Conflict",
            410 => "Expired",
            422 => "Invalid",
            429 => "TooManyRequests",
            500 => "InternalError",
            503 => "ServiceUnavailable",
            504 => "Timeout",
            _ => "",
        };
        let status = serde_json::json!({
            "kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure", "message": "as the test says",
            "reason": reason, "code": code,
        });
        Self::new(How::Refused { code, wait: None, body: status.to_string() })
    }

    /// It is done, and this status and body are the answer.
    pub fn done(code: u16, body: impl Into<String>) -> Self {
        Self::new(How::Done { code, body: body.into() })
    }

    /// It is done, and the connection breaks instead of an answer, when the gate opens.
    pub fn lost(gate: Gate) -> Self {
        Self::new(How::Lost(gate))
    }

    /// It is done, and the connection breaks in the midst of the answer.
    pub fn half() -> Self {
        Self::new(How::Half)
    }

    /// It is done, and behind the answer comes white space without end. With this status, if it is another.
    pub fn endless(code: u16) -> Self {
        Self::new(How::Endless { code })
    }

    /// It is done when the gate opens, even if the client has gone by then, and then answered.
    pub fn late(gate: Gate) -> Self {
        Self::new(How::Late(gate))
    }

    /// It is done at once, and answered when the gate opens.
    pub fn held(gate: Gate) -> Self {
        Self::new(How::Held(gate))
    }

    fn new(how: How) -> Self {
        Self { how, verb: None, resource: None, name: None, times: 1 }
    }

    /// Of a [`status`](Self::status): with this body instead.
    pub fn body(mut self, text: impl Into<String>) -> Self {
        if let How::Refused { body, .. } = &mut self.how {
            *body = text.into();
        }
        self
    }

    /// Of a [`status`](Self::status): with the header `Retry-After`, in seconds.
    pub fn retry_after(mut self, seconds: u32) -> Self {
        if let How::Refused { wait, .. } = &mut self.how {
            *wait = Some(seconds);
        }
        self
    }

    /// For requests with this verb, as RBAC names it: `get`, `list`, `watch`, `create`, `update`, `patch` (an apply is one), `delete`.
    pub fn verb(self, verb: &str) -> Self {
        Self { verb: Some(verb.to_owned()), ..self }
    }

    /// For requests about this resource, as RBAC names it, without its group: `configmaps`, `webapps/status`.
    pub fn resource(self, resource: &str) -> Self {
        Self { resource: Some(resource.to_owned()), ..self }
    }

    /// For requests about the object of this name.
    pub fn named(self, name: &str) -> Self {
        Self { name: Some(name.to_owned()), ..self }
    }

    /// For so many requests; without it, for one.
    pub fn times(self, times: usize) -> Self {
        Self { times, ..self }
    }

    fn concerns(&self, target: &Target) -> bool {
        let verb = self.verb.as_deref().map_or(target.is_write(), |verb| verb == target.verb);
        let of = |wanted: &Option<String>, found: &str| wanted.as_deref().is_none_or(|wanted| wanted == found);
        verb && !target.is_review() && of(&self.resource, &target.resource) && of(&self.name, &target.name)
    }

    /// What happens to a request; what is used up is taken away.
    pub(super) fn take(faults: &mut Vec<Self>, target: &Target) -> Option<How> {
        let place = faults.iter().position(|fault| fault.times > 0 && fault.concerns(target))?;
        faults[place].times -= 1;
        let how = faults[place].how.clone();
        faults.retain(|fault| fault.times > 0);
        Some(how)
    }
}

/// What a request is about.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Target {
    verb: &'static str,
    group: String,
    resource: String,
    name: String,
}

impl Target {
    pub(super) fn of(method: &Method, uri: &Uri) -> Self {
        let mut parts = uri.path().split('/').filter(|part| !part.is_empty());
        let group = if parts.next() == Some("apis") { parts.next().unwrap_or_default() } else { "" };
        let rest: Vec<&str> = parts.skip(1).collect();
        let (plural, name, sub) = match rest[..] {
            ["namespaces", name, sub @ ("status" | "finalize")] => ("namespaces", name, sub),
            ["namespaces", _, plural, ref rest @ ..] | [plural, ref rest @ ..] => {
                let part = |i: usize| rest.get(i).copied().unwrap_or_default();
                (plural, part(0), part(1))
            }
            [] => ("", "", ""),
        };
        let watches =
            uri.query().is_some_and(|query| query.split('&').any(|part| part == "watch=true" || part == "watch=1"));
        let verb = match *method {
            Method::GET if !name.is_empty() => "get",
            Method::GET if watches => "watch",
            Method::GET => "list",
            Method::POST => "create",
            Method::PUT => "update",
            Method::PATCH => "patch",
            Method::DELETE => "delete",
            _ => "get",
        };
        let resource = if sub.is_empty() { plural.to_owned() } else { format!("{plural}/{sub}") };
        Self { verb, group: group.to_owned(), resource, name: name.to_owned() }
    }

    pub(super) fn is_write(&self) -> bool {
        !matches!(self.verb, "get" | "list" | "watch")
    }

    /// What somebody asks about himself changes nothing.
    pub(super) fn is_review(&self) -> bool {
        matches!(&*self.group, "authorization.k8s.io" | "authentication.k8s.io")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(method: &str, uri: &str) -> Target {
        Target::of(&method.parse().unwrap(), &uri.parse().unwrap())
    }

    #[test]
    fn requests_are_chosen_by_verb_resource_and_name() {
        let status = target("PATCH", "/apis/demo.dev/v1/namespaces/a/webapps/b/status?force=true");
        assert_eq!((status.verb, &*status.resource, &*status.name), ("patch", "webapps/status", "b"));
        let watch = target("GET", "/api/v1/configmaps?limit=1&watch=true");
        assert_eq!((watch.verb, &*watch.resource, &*watch.name), ("watch", "configmaps", ""));
        let space = target("GET", "/api/v1/namespaces/a");
        assert_eq!((space.verb, &*space.resource, &*space.name), ("get", "namespaces", "a"));
        assert!(Fault::half().concerns(&status) && !Fault::half().concerns(&watch));
        assert!(Fault::half().verb("watch").resource("configmaps").concerns(&watch));
        assert!(!Fault::half().named("c").concerns(&status));
        assert!(!Fault::half().concerns(&target("POST", "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews")));
    }

    #[test]
    fn faults_are_used_up_in_their_order() {
        let request = target("DELETE", "/api/v1/namespaces/a/pods/b");
        let mut faults = vec![Fault::status(500).times(2), Fault::half().verb("patch"), Fault::status(409)];
        let mut code = || match Fault::take(&mut faults, &request) {
            Some(How::Refused { code, .. }) => code,
            _ => 0,
        };
        assert_eq!([code(), code(), code(), code()], [500, 500, 409, 0]);
        assert_eq!(faults.len(), 1);
    }
}
