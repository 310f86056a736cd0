//! What the API server was asked, read from its audit log.

use std::{
    collections::{BTreeMap, HashSet},
    fmt,
    fs::File,
    io::{ErrorKind, Read as _, Seek as _, SeekFrom},
    path::Path,
    time::SystemTime,
};

use k8s_openapi::apimachinery::pkg::apis::meta::v1::MicroTime;
use serde::Deserialize;

/// One request to the API server.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Request {
    /// When the API server received it.
    pub at: SystemTime,
    /// `get`, `list`, `watch`, `create`, `update`, `patch`, `delete`, `deletecollection`; what is no resource
    /// (discovery, `/version`) has the HTTP method in lower case.
    pub verb: String,
    /// The API group, empty for the core group.
    pub group: String,
    /// The resource in the plural (`configmaps`); empty if the request was for no resource.
    pub resource: String,
    /// The subresource (`status`), or empty.
    pub subresource: String,
    /// The namespace, empty for cluster-scoped resources and for requests across all namespaces.
    pub namespace: String,
    /// The object's name, empty for collections and for creation by POST.
    pub name: String,
    /// The path and query.
    pub path: String,
    /// The HTTP status of the answer.
    pub code: u16,
    /// The user's name.
    pub user: String,
    /// The user agent.
    pub user_agent: String,
}

/// A moment in the audit log: see [`ControlPlane::mark`](crate::ControlPlane::mark).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AuditMark(usize);

/// Requests by what they cost. Questions about one's own rights and name, which an operator asks when it starts, are left out: they
/// are a `create` by name, and read and write nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Counts {
    /// Gets and lists, those of discovery and the like too.
    pub reads: usize,
    /// Whatever may change an object.
    pub writes: usize,
    /// Watches, counted when they begin. A streaming list is one of these and no read.
    pub watches: usize,
    /// All of them by their verb.
    pub by_verb: BTreeMap<String, usize>,
}

/// Reads and writes, as [`ControlPlane::assert_requests`](crate::ControlPlane::assert_requests) compares them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cost {
    /// See [`Counts::reads`].
    pub reads: usize,
    /// See [`Counts::writes`].
    pub writes: usize,
}

impl From<&Counts> for Cost {
    fn from(counts: &Counts) -> Self {
        Self { reads: counts.reads, writes: counts.writes }
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

/// `patch deployments default/web -> 200`.
impl fmt::Display for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { verb, resource, subresource, namespace, name, code, .. } = self;
        let slash = |a: &str, b: &str| if a.is_empty() || b.is_empty() { "" } else { "/" };
        write!(
            f,
            "{verb} {resource}{}{subresource} {namespace}{}{name} -> {code}",
            slash(resource, subresource),
            slash(namespace, name)
        )
    }
}

impl Request {
    /// Whether it is a question about who is asking and what that user may do.
    #[must_use]
    pub fn is_review(&self) -> bool {
        matches!(self.group.as_str(), "authentication.k8s.io" | "authorization.k8s.io")
    }

    /// Whether it may change something.
    #[must_use]
    pub fn is_write(&self) -> bool {
        !self.is_review() && !self.is_read() && self.verb != "watch"
    }

    /// Whether it asks for something, and is no watch.
    #[must_use]
    pub fn is_read(&self) -> bool {
        !self.is_review() && matches!(self.verb.as_str(), "get" | "list" | "head" | "options")
    }
}

impl<'a> FromIterator<&'a Request> for Counts {
    fn from_iter<I: IntoIterator<Item = &'a Request>>(requests: I) -> Self {
        let mut counts = Self::default();
        for request in requests.into_iter().filter(|request| !request.is_review()) {
            let kind = match (request.is_read(), request.is_write()) {
                (true, _) => &mut counts.reads,
                (_, true) => &mut counts.writes,
                _ => &mut counts.watches,
            };
            *kind += 1;
            *counts.by_verb.entry(request.verb.clone()).or_default() += 1;
        }
        counts
    }
}

/// How each event begins.
const EVENT: &str = r#"{"kind":"Event","#;

/// Follows the audit log: what was read once is not read again.
#[derive(Debug, Default)]
pub(crate) struct AuditLog {
    read: u64,
    /// Watches that have begun and not ended: their end is not another request.
    open: HashSet<String>,
    requests: Vec<Request>,
}

impl AuditLog {
    /// Reads what was appended. The last line is left for later if it is not complete.
    pub(crate) fn update(&mut self, path: &Path) -> std::io::Result<()> {
        let mut file = match File::open(path) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
            file => file?,
        };
        file.seek(SeekFrom::Start(self.read))?;
        let mut new = Vec::new();
        file.read_to_end(&mut new)?;
        let complete = new.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
        for line in String::from_utf8_lossy(&new[..complete]).lines() {
            // An API server that was killed while it wrote leaves half an event, and the next one goes on behind it.
            let event = line.rfind(EVENT).map_or(line, |begin| &line[begin..]);
            self.push(serde_json::from_str(event)?);
        }
        self.read += complete as u64;
        Ok(())
    }

    /// The present end.
    pub(crate) fn mark(&self) -> AuditMark {
        AuditMark(self.requests.len())
    }

    /// What came after a mark, by clients whose user agent begins so.
    pub(crate) fn since(&self, mark: AuditMark, user_agent: &str) -> Vec<Request> {
        let later = self.requests.iter().skip(mark.0);
        later.filter(|request| request.user_agent.starts_with(user_agent)).cloned().collect()
    }

    fn push(&mut self, event: Event) {
        let is_known = match event.stage.as_str() {
            "ResponseStarted" => !self.open.insert(event.id),
            _ => self.open.remove(&event.id),
        };
        if is_known {
            return;
        }
        let object = event.object.unwrap_or_default();
        self.requests.push(Request {
            at: event.at.0.into(),
            verb: event.verb,
            group: object.group,
            resource: object.resource,
            subresource: object.subresource,
            namespace: object.namespace,
            name: object.name,
            path: event.path,
            code: event.answer.map_or(0, |answer| answer.code),
            user: event.user.username,
            user_agent: event.user_agent,
        });
    }
}

/// A line of the log (`audit.k8s.io/v1`).
#[derive(Deserialize)]
struct Event {
    #[serde(rename = "auditID")]
    id: String,
    stage: String,
    #[serde(rename = "requestURI", default)]
    path: String,
    verb: String,
    #[serde(default)]
    user: Who,
    #[serde(rename = "userAgent", default)]
    user_agent: String,
    #[serde(rename = "objectRef")]
    object: Option<Object>,
    #[serde(rename = "responseStatus")]
    answer: Option<Answer>,
    #[serde(rename = "requestReceivedTimestamp")]
    at: MicroTime,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Who {
    username: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Object {
    #[serde(rename = "apiGroup")]
    group: String,
    resource: String,
    subresource: String,
    namespace: String,
    name: String,
}

#[derive(Deserialize)]
struct Answer {
    #[serde(default)]
    code: u16,
}

#[cfg(test)]
mod tests {
    use std::{fs::OpenOptions, io::Write as _};

    use super::{AuditLog, AuditMark, EVENT};

    fn event(id: &str, stage: &str) -> String {
        let at = "2026-01-02T03:04:05.678901Z";
        let rest = format!(r#""auditID":"{id}","stage":"{stage}","verb":"watch","requestReceivedTimestamp":"{at}"}}"#);
        format!("{EVENT}{rest}\n")
    }

    #[test]
    fn half_lines_wait_for_their_end_or_are_given_up() -> std::io::Result<()> {
        let folder = tempfile::tempdir()?;
        let path = folder.path().join("audit.log");
        let mut log = AuditLog::default();
        log.update(&path)?;
        let mut file = OpenOptions::new().create(true).append(true).open(&path)?;
        let mut count_after = |text: &str| {
            file.write_all(text.as_bytes())?;
            log.update(&path)?;
            Ok::<_, std::io::Error>(log.since(AuditMark::default(), "").len())
        };

        let (first, second) = (event("a", "ResponseStarted"), event("b", "ResponseComplete"));
        let (begin, end) = second.split_at(30);
        assert_eq!(count_after(&(first + begin))?, 1);
        assert_eq!(count_after(end)?, 2);
        assert_eq!(count_after(&event("a", "ResponseComplete"))?, 2, "the end of the watch that was counted");
        assert_eq!(count_after(&(begin.to_owned() + &event("c", "ResponseComplete")))?, 3, "half an event before it");
        Ok(())
    }
}
