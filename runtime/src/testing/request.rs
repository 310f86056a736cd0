//! What the API server was asked.

use std::fmt;
use std::time::Duration;

use serde_json::Value;

use crate::kind::Kind;

/// How the API server is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Verb {
    /// One object.
    Get,
    /// All objects of a kind.
    List,
    /// The changes of a kind; as a streaming list, its objects first.
    Watch,
    /// A new object.
    Create,
    /// A whole object: what [`Handle::replace`](crate::Handle::replace) sends.
    Update,
    /// Some fields, by a merge patch or a JSON patch: what finalizers are edited with.
    Patch,
    /// Server-side apply.
    Apply,
    /// The end of an object.
    Delete,
}

impl Verb {
    /// In lower case.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Get => "get",
            Self::List => "list",
            Self::Watch => "watch",
            Self::Create => "create",
            Self::Update => "update",
            Self::Patch => "patch",
            Self::Apply => "apply",
            Self::Delete => "delete",
        }
    }
}

impl fmt::Display for Verb {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One request that came to the API server, whatever it answered.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Request {
    /// How it was asked.
    pub verb: Verb,
    /// The resource, with its group if that is not the core group: `deployments.apps`, `configmaps`.
    pub resource: String,
    /// Such as `status`; empty for the object itself.
    pub subresource: String,
    /// `namespace/name` or `name`; for a list or watch the namespace, or nothing.
    pub object: String,
    /// What was sent; null if nothing was.
    pub body: Value,
    /// The answer's code; `None` if no answer came.
    pub code: Option<u16>,
    /// The time of the API server's clock since that was made.
    pub at: Duration,
    /// The place in [`ApiServer::runs`](super::ApiServer::runs) of the run that has sent it through a handle of its context.
    pub(super) run: Option<usize>,
}

impl Request {
    /// Whether it may change something.
    #[must_use]
    pub fn is_write(&self) -> bool {
        !matches!(self.verb, Verb::Get | Verb::List | Verb::Watch)
    }

    /// Whether it asks for objects, and is no watch.
    #[must_use]
    pub fn is_read(&self) -> bool {
        matches!(self.verb, Verb::Get | Verb::List)
    }

    /// What was sent, as an object of this kind; `None` if it is of another kind, or is no whole object.
    #[must_use]
    pub fn sent<K: Kind>(&self) -> Option<K> {
        let kind = K::info();
        let of_kind = self.resource == kind.resource() && self.subresource.is_empty();
        let whole = matches!(self.verb, Verb::Apply | Verb::Create | Verb::Update);
        let object = (kind.decode)(&self.body.to_string()).ok().filter(|_| of_kind && whole)?;
        Some(K::clone(object.downcast_ref::<std::sync::Arc<K>>()?))
    }
}

/// `apply deployments.apps default/web -> 200`.
impl fmt::Display for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { verb, resource, subresource, object, code, .. } = self;
        let slash = if subresource.is_empty() { "" } else { "/" };
        write!(f, "{verb} {resource}{slash}{subresource} {object} -> ")?;
        match code {
            Some(code) => write!(f, "{code}"),
            None => f.write_str("no answer"),
        }
    }
}

/// What requests cost, as [`ApiServer::assert_requests`](super::ApiServer::assert_requests) compares it: all of them, failed ones
/// included, but for watches, and for questions about one's own rights.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cost {
    /// Gets and lists. A streaming list is a watch.
    pub reads: usize,
    /// Whatever may change an object.
    pub writes: usize,
}

impl Cost {
    pub(super) fn of<'a>(requests: impl IntoIterator<Item = &'a Request>) -> Self {
        requests.into_iter().fold(Self::default(), |Self { reads, writes }, request| Self {
            reads: reads + usize::from(request.is_read()),
            writes: writes + usize::from(request.is_write()),
        })
    }
}

/// `0 reads and 4 writes`.
impl fmt::Display for Cost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let s = |count: usize| if count == 1 { "" } else { "s" };
        let Self { reads, writes } = *self;
        write!(f, "{reads} read{} and {writes} write{}", s(reads), s(writes))
    }
}
