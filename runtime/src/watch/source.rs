//! The requests of a watch and the forms of their answers.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use futures::io::{AsyncBufRead, AsyncBufReadExt};
use http::Request;
use kube::Client;
use kube::core::Status;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::Watch;
use super::account::ScopeAccount;
use super::fault::Fault;
use super::narrowing::escaped;
use crate::core::key::Version;
use crate::kind::KindInfo;

/// Objects per page of a list.
const PAGE: u32 = 500;
/// The time that an answer to one page, or the head of an answer to a watch, may take.
const PATIENCE: Duration = Duration::from_secs(60);
/// The API server sends a bookmark each minute; two missed and some slack, and the stream is dead.
const SILENCE: Duration = Duration::from_secs(150);
/// The server ends a watch after this time, in seconds: cleanly, so that connections are spread anew now and then.
const WATCH_SECONDS: u32 = 290;

/// Where the objects of a watch come from.
pub(super) struct Source<'a> {
    client: &'a Client,
    path: String,
    /// Those that narrow it.
    parameters: String,
    accept: &'static str,
    /// Where what comes is counted.
    account: Option<Arc<ScopeAccount>>,
}

const ACCEPT: &str = "application/json";
const ACCEPT_METADATA: &str = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1";
const ACCEPT_METADATA_LIST: &str = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1";

impl<'a> Source<'a> {
    /// Of all namespaces, or of one.
    pub(super) fn new(client: &'a Client, watch: &Watch, namespace: Option<&str>) -> Self {
        let accept = if watch.kind.metadata { ACCEPT_METADATA } else { ACCEPT };
        let (path, parameters) = (watch.kind.collection_path(namespace), watch.narrowing.parameters());
        Self { client, path, parameters, accept, account: None }
    }

    /// The same; what comes is counted.
    pub(super) fn counted(self, account: Arc<ScopeAccount>) -> Self {
        Self { account: Some(account), ..self }
    }

    /// The object of this name as the API server has it now; `None` if it has none.
    pub(super) async fn object(&self, name: &str) -> Result<Option<String>, Fault> {
        let request = get(&format!("{}/{name}", self.path), self.accept)?;
        match tokio::time::timeout(PATIENCE, self.client.request_text(request)).await {
            Ok(Ok(text)) => Ok(Some(text)),
            // That the kind is not served, at this moment or by this API server, says nothing about the object.
            Ok(Err(kube::Error::Api(status))) if status.code == 404 && is_about(&status, name) => Ok(None),
            Ok(Err(error)) => Err(error.into()),
            Err(_) => Err(Fault::Silent(PATIENCE)),
        }
    }

    /// One page of a consistent list: the first, or the one after `token`.
    pub(super) async fn page(&self, token: Option<&str>) -> Result<String, Fault> {
        // A continue token is base64 without padding that needs no escape in a query.
        let token = token.map(|token| format!("&continue={token}")).unwrap_or_default();
        let accept = if self.accept == ACCEPT_METADATA { ACCEPT_METADATA_LIST } else { self.accept };
        let request = get(&format!("{}?limit={PAGE}{token}{}", self.path, self.parameters), accept)?;
        let page = patient(self.client.request_text(request)).await?;
        if let Some(account) = &self.account {
            account.received(page.len());
        }
        Ok(page)
    }

    /// The changes after `from`; without it, first all objects as a streaming list
    /// ([KEP-3157](https://github.com/kubernetes/enhancements/issues/3157)), consistent and up to date, which ends with
    /// [`Line::ListEnd`].
    pub(super) async fn watch(&self, from: Option<&Version>) -> Result<Lines<impl AsyncBufRead + use<>>, Fault> {
        let start = match from {
            Some(version) => format!("resourceVersion={}", escaped(&version.to_string())),
            None => "sendInitialEvents=true&resourceVersionMatch=NotOlderThan".to_owned(),
        };
        let uri = format!(
            "{}?watch=true&allowWatchBookmarks=true&timeoutSeconds={WATCH_SECONDS}&{start}{}",
            self.path, self.parameters
        );
        let request = get(&uri, self.accept)?;
        let stream = patient(self.client.request_stream(request)).await?;
        Ok(Lines { stream: Box::pin(stream), line: Vec::new(), account: self.account.clone() })
    }
}

fn get(uri: &str, accept: &str) -> Result<Request<Vec<u8>>, Fault> {
    let request = Request::get(uri).header(http::header::ACCEPT, accept).body(Vec::new());
    request.map_err(|error| Fault::Garbled(error.to_string()))
}

/// The definition of a custom kind, where it is one.
pub(super) struct Definition<'a> {
    client: &'a Client,
    name: String,
}

impl<'a> Definition<'a> {
    pub(super) fn of(client: &'a Client, kind: &KindInfo) -> Self {
        Self { client, name: format!("{}.{}", kind.plural, kind.group) }
    }

    /// Ready when it exists, or changes. Never, where it may not be watched.
    pub(super) async fn appears(&self) {
        if self.watch().await.is_err() {
            std::future::pending::<()>().await;
        }
    }

    async fn watch(&self) -> Result<(), Fault> {
        let uri = format!(
            "/apis/apiextensions.k8s.io/v1/customresourcedefinitions?watch=true&timeoutSeconds={WATCH_SECONDS}\
             &fieldSelector=metadata.name%3D{}",
            escaped(&self.name)
        );
        let request = get(&uri, ACCEPT_METADATA)?;
        let stream = patient(self.client.request_stream(request)).await?;
        let mut lines = Lines { stream: Box::pin(stream), line: Vec::new(), account: None };
        while let Some(line) = lines.next().await? {
            if matches!(line, Line::Applied(_)) {
                break;
            }
        }
        Ok(())
    }
}

fn is_about(status: &Status, name: &str) -> bool {
    status.details.as_ref().is_some_and(|details| details.name == name)
}

async fn patient<T>(answer: impl Future<Output = Result<T, kube::Error>>) -> Result<T, Fault> {
    match tokio::time::timeout(PATIENCE, answer).await {
        Ok(answer) => Ok(answer?),
        Err(_) => Err(Fault::Silent(PATIENCE)),
    }
}

/// One page of a list; the items are left as they came.
#[derive(Debug)]
pub(super) struct Page<'a> {
    pub(super) version: Version,
    pub(super) next: Option<String>,
    pub(super) items: Vec<&'a RawValue>,
}

impl<'a> Page<'a> {
    pub(super) fn parse(text: &'a str) -> Result<Self, Fault> {
        #[derive(Deserialize)]
        struct Form<'a> {
            #[serde(borrow)]
            metadata: Meta<'a>,
            #[serde(borrow, default)]
            items: Option<Vec<&'a RawValue>>,
        }
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Meta<'a> {
            #[serde(borrow)]
            resource_version: Cow<'a, str>,
            #[serde(default)]
            r#continue: String,
        }
        let form: Form<'_> = serde_json::from_str(text).map_err(garbled)?;
        let version = Version::parse(&form.metadata.resource_version);
        let next = Some(form.metadata.r#continue).filter(|token| !token.is_empty());
        Ok(Self { version, next, items: form.items.unwrap_or_default() })
    }
}

/// One line of a watch's answer.
#[derive(Debug)]
pub(super) enum Line<'a> {
    Applied(&'a str),
    Deleted(&'a str),
    Bookmark(Version),
    /// The streaming list is complete, as of this version.
    ListEnd(Version),
    Error(Box<Status>),
}

impl<'a> Line<'a> {
    fn parse(line: &'a [u8]) -> Result<Self, Fault> {
        #[derive(Deserialize)]
        struct Form<'a> {
            r#type: &'a str,
            #[serde(borrow)]
            object: &'a RawValue,
        }
        let form: Form<'_> = serde_json::from_slice(line).map_err(garbled)?;
        match form.r#type {
            "ADDED" | "MODIFIED" => Ok(Self::Applied(form.object.get())),
            "DELETED" => Ok(Self::Deleted(form.object.get())),
            "BOOKMARK" => Self::bookmark(form.object.get()),
            "ERROR" => Ok(Self::Error(serde_json::from_str(form.object.get()).map_err(garbled)?)),
            other => Err(Fault::Garbled(format!("`{other}` is no type of a watch event"))),
        }
    }

    fn bookmark(json: &str) -> Result<Self, Fault> {
        #[derive(Deserialize)]
        struct Form<'a> {
            #[serde(borrow)]
            metadata: Meta<'a>,
        }
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Meta<'a> {
            #[serde(borrow)]
            resource_version: Cow<'a, str>,
            #[serde(default)]
            annotations: HashMap<String, String>,
        }
        let form: Form<'_> = serde_json::from_str(json).map_err(garbled)?;
        let version = Version::parse(&form.metadata.resource_version);
        let end = form.metadata.annotations.get("k8s.io/initial-events-end").is_some_and(|value| value == "true");
        Ok(if end { Self::ListEnd(version) } else { Self::Bookmark(version) })
    }
}

fn garbled(error: serde_json::Error) -> Fault {
    Fault::Garbled(error.to_string())
}

/// The lines of a watch's answer.
pub(super) struct Lines<R> {
    stream: std::pin::Pin<Box<R>>,
    line: Vec<u8>,
    account: Option<Arc<ScopeAccount>>,
}

impl<R: AsyncBufRead> Lines<R> {
    /// The next line; `None` at a clean end.
    pub(super) async fn next(&mut self) -> Result<Option<Line<'_>>, Fault> {
        self.line.clear();
        // Not the whole capacity of one huge object for the rest of the watch.
        self.line.shrink_to(1 << 20);
        let read = tokio::time::timeout(SILENCE, self.stream.as_mut().read_until(b'\n', &mut self.line)).await;
        if let (Ok(Ok(bytes)), Some(account)) = (&read, &self.account) {
            account.received(*bytes);
        }
        match read {
            Err(_) => Err(Fault::Silent(SILENCE)),
            Ok(Err(error)) => Err(Fault::Unreachable(error.to_string())),
            Ok(Ok(0)) => Ok(None),
            Ok(Ok(_)) if !self.line.ends_with(b"\n") => Err(Fault::Unreachable("the stream broke off".into())),
            Ok(Ok(_)) => Line::parse(&self.line).map(Some),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::key::Rv;

    #[test]
    fn the_types_of_lines() {
        assert!(matches!(Line::parse(br#"{"type":"ADDED","object":{"a":1}}"#), Ok(Line::Applied(r#"{"a":1}"#))));
        assert!(matches!(Line::parse(br#"{"type":"DELETED","object":{}}"#), Ok(Line::Deleted("{}"))));
        let bookmark = br#"{"type":"BOOKMARK","object":{"metadata":{"resourceVersion":"12"}}}"#;
        assert!(matches!(Line::parse(bookmark), Ok(Line::Bookmark(Version::Number(Rv(12))))));
        let end = br#"{"type":"BOOKMARK","object":{"metadata":{"resourceVersion":"12","annotations":{"k8s.io/initial-events-end":"true"}}}}"#;
        assert!(matches!(Line::parse(end), Ok(Line::ListEnd(Version::Number(Rv(12))))));
        assert!(matches!(Line::parse(br#"{"type":"OTHER","object":{}}"#), Err(Fault::Garbled(_))));
        assert!(matches!(Line::parse(b"404 page not found"), Err(Fault::Garbled(_))));
    }

    #[test]
    fn an_error_event_is_a_status() {
        let line = br#"{"type":"ERROR","object":{"kind":"Status","status":"Failure","message":"too old","reason":"Expired","code":410}}"#;
        let Ok(Line::Error(status)) = Line::parse(line) else { panic!("no error") };
        assert!(matches!(Fault::from_status(&status), Fault::Expired));
    }

    #[test]
    fn pages_name_their_successor() {
        let page = r#"{"metadata":{"resourceVersion":"9","continue":"abc"},"items":[{"a":1},{"b":2}]}"#;
        let page = Page::parse(page).unwrap();
        assert_eq!((page.version, page.next.as_deref(), page.items.len()), (Version::Number(Rv(9)), Some("abc"), 2));
        let last = Page::parse(r#"{"metadata":{"resourceVersion":"9"},"items":null}"#).unwrap();
        assert_eq!((last.next, last.items.len()), (None, 0));
    }

    #[tokio::test(start_paused = true)]
    async fn a_silent_stream_is_dead_after_150_seconds() {
        let start = tokio::time::Instant::now();
        let stream =
            futures::io::BufReader::new(futures::stream::pending::<std::io::Result<Vec<u8>>>().into_async_read());
        let mut lines = Lines { stream: Box::pin(stream), line: Vec::new(), account: None };
        assert!(matches!(lines.next().await, Err(Fault::Silent(_))));
        assert_eq!(start.elapsed(), SILENCE);
    }

    #[tokio::test]
    async fn a_stream_that_breaks_off_within_a_line_is_no_clean_end() {
        let mut lines = Lines { stream: Box::pin(&b"{\"type\":\"ADD"[..]), line: Vec::new(), account: None };
        assert!(matches!(lines.next().await, Err(Fault::Unreachable(_))));
        let mut lines = Lines { stream: Box::pin(&b""[..]), line: Vec::new(), account: None };
        assert!(matches!(lines.next().await, Ok(None)));
    }

    use futures::TryStreamExt;
}
