//! One write request and the meanings of its answer.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use http::Request;
use serde_json::Value;
use tracing::Instrument;

use super::exchange::exchange;
use super::noop::live;
use super::refusal::Refusal;
use super::state::RunState;
use crate::api::Paced;
use crate::core::fingerprint::PRIMARY;
use crate::core::key::{Key, Uid};
use crate::core::record::Record;
use crate::error::WriteError;
use crate::secret::{hide_in_status, is_secret};
use crate::stats::WriteResult;

/// The time that the answer to one write may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// A write, ready to be sent.
#[derive(Debug)]
pub(super) struct Write {
    pub(super) index: usize,
    pub(super) key: Key,
    pub(super) verb: Verb,
    pub(super) subresource: &'static str,
    pub(super) body: Value,
    /// The incarnation that this write removes, if it goes as expected.
    pub(super) removes: Option<Uid>,
}

/// How to write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verb {
    /// Server-side apply. Forced unless declared otherwise: what we declare about an object that we control is ours, and a
    /// field that somebody else has taken could otherwise never be repaired. It is what the Kubernetes documentation advises
    /// controllers to do.
    Apply,
    Merge,
    /// A JSON patch that begins with tests: if one fails, what it was decided on is outdated.
    Test,
    Create,
    Replace,
    Delete,
}

impl Verb {
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Apply => "apply",
            Self::Merge | Self::Test => "patch",
            Self::Create => "create",
            Self::Replace => "replace",
            Self::Delete => "delete",
        }
    }

    /// Whether the object need not exist: then a 404 is about the namespace or the kind.
    pub(super) fn creates(self) -> bool {
        matches!(self, Self::Apply | Self::Create)
    }
}

/// What a write left.
#[derive(Debug)]
pub(super) enum Answer {
    Object(Arc<Record>),
    /// The object is gone.
    Nothing,
}

impl Answer {
    pub(super) fn is_nothing(&self) -> bool {
        matches!(self, Self::Nothing)
    }

    pub(super) fn object(self) -> Option<Arc<Record>> {
        match self {
            Self::Object(record) => Some(record),
            Self::Nothing => None,
        }
    }
}

impl Write {
    /// Sends it once. The caches have learned of the answer when this returns; what the run sees has not.
    ///
    /// If the run is cancelled or drops the future, the request goes on without it: its answer, however late, still reaches
    /// the caches, and no other run of this primary begins before.
    ///
    /// What would create a secondary of a primary that is known to be deleted is not sent.
    pub(super) async fn send(self, run: &Arc<RunState>) -> Result<Answer, Refusal> {
        // Before the flight begins: what is dropped while it waits for its place has not been sent.
        run.member.api.pace().await;
        if self.index != PRIMARY && self.verb.creates() && run.is_over() {
            let object = run.object_name(self.index, &self.key);
            return Err(Refusal::Other(WriteError::PrimaryDeleted { object, primary: run.primary_name() }));
        }
        let work = counted(run.clone(), self).in_current_span();
        Flight { run, work: Some(Box::pin(work)) }.await
    }

    pub(super) fn path(&self, run: &RunState) -> String {
        let collection = run.member.kinds[self.index].collection_path(self.key.namespace());
        match self.verb {
            Verb::Create => collection,
            _ if self.subresource.is_empty() => format!("{collection}/{}", self.key.name()),
            _ => format!("{collection}/{}/{}", self.key.name(), self.subresource),
        }
    }

    fn request(&self, run: &RunState) -> Result<Request<Vec<u8>>, http::Error> {
        let manager = &run.member.field_manager;
        let (method, content, query) = match self.verb {
            Verb::Apply => {
                let query = format!("?fieldManager={manager}&force={}", run.member.forces(self.index));
                ("PATCH", "application/apply-patch+yaml", query)
            }
            Verb::Merge => ("PATCH", "application/merge-patch+json", format!("?fieldManager={manager}")),
            Verb::Test => ("PATCH", "application/json-patch+json", format!("?fieldManager={manager}")),
            Verb::Create => ("POST", "application/json", format!("?fieldManager={manager}")),
            Verb::Replace => ("PUT", "application/json", format!("?fieldManager={manager}")),
            Verb::Delete => ("DELETE", "application/json", String::new()),
        };
        let request = Request::builder();
        #[cfg(feature = "testing")]
        let request = match run.member.shared.journal {
            Some(_) => request.extension(run.sender(&run.sight())),
            None => request,
        };
        request
            .method(method)
            .uri(format!("{}{query}", self.path(run)))
            .header(http::header::CONTENT_TYPE, content)
            .header(http::header::ACCEPT, "application/json")
            .extension(Paced)
            .body(self.body.to_string().into_bytes())
    }
}

/// The request, its answer, and what is counted of it.
async fn counted(run: Arc<RunState>, write: Write) -> Result<Answer, Refusal> {
    let (index, verb) = (write.index, write.verb.word());
    let answer = fly(run.clone(), write).await;
    let result = match &answer {
        Ok(_) => WriteResult::Success,
        Err(Refusal::Outdated | Refusal::Gone) => WriteResult::Conflict,
        Err(Refusal::Other(error)) => WriteResult::of(error),
    };
    run.member.stats.counters().sent(index, verb, result);
    answer
}

/// The request, its answer, and what the caches learn of it.
async fn fly(run: Arc<RunState>, write: Write) -> Result<Answer, Refusal> {
    let object = run.object_name(write.index, &write.key);
    let verb = write.verb.word();
    let request = write.request(&run).map_err(|source| {
        let source = Box::new(kube::Error::HttpError(source));
        Refusal::Other(WriteError::Api { verb, object: object.clone(), source })
    })?;
    run.sent(write.index);
    let pending = write.removes.map(|uid| Pending::begin(&run, &write, uid));
    let kind = &run.member.kinds[write.index];
    let answer = exchange(&run.member.api, request, kind, &write.body);
    let answer = tokio::time::timeout(PATIENCE, answer).await;
    match answer {
        Ok(Ok(json)) if pending.is_some() && leaves_nothing(write.verb, &json) => {
            if let Some(pending) = pending {
                pending.end(true);
            }
            run.forget(&write);
            Ok(Answer::Nothing)
        }
        Ok(Ok(json)) => {
            drop(pending);
            let record = run.decode(&write, &json).map(Arc::new);
            let record = record.map_err(|source| Refusal::Other(WriteError::Answer { verb, object, source }))?;
            run.tell(&write, &record);
            Ok(Answer::Object(record))
        }
        Ok(Err(error)) => {
            drop(pending);
            let refusal = Refusal::read(&run, &write, object, hidden(&run, &write, error));
            if let (Refusal::Gone, Some(uid)) = (&refusal, write.removes) {
                // Somebody was faster, or has made it anew; what we saw is gone either way.
                let (id, index, key) = (run.member.id, write.index, &write.key);
                run.member.shared.change(|world, now| world.vanished(id, index, key, uid, now));
            }
            Err(refusal)
        }
        Err(_) => Err(Refusal::Other(WriteError::Timeout { verb, object, limit: PATIENCE })),
    }
}

/// The error without the values that stand in the Secret already: what was sent is hidden where the answer is read.
fn hidden(run: &RunState, write: &Write, error: kube::Error) -> kube::Error {
    let kind = &run.member.kinds[write.index];
    match error {
        kube::Error::Api(mut status) if is_secret(kind) => {
            let seen = run.sight().find(write.index, &write.key).and_then(|record| live(kind, record));
            if let Some(seen) = seen {
                hide_in_status(kind, &seen, &mut status);
            }
            kube::Error::Api(status)
        }
        // It has the bytes of the answer, which is no text.
        kube::Error::FromUtf8(_) if is_secret(kind) => kube::Error::Service("the answer is no text".into()),
        error => error,
    }
}

/// Whether the answer to a write that removes an object says that it is gone: a `Status`, or the object's last state, which
/// nothing holds any more. The answer to the removal of a last finalizer is the state before it, under its old version.
fn leaves_nothing(verb: Verb, json: &str) -> bool {
    #[derive(serde::Deserialize)]
    struct Form {
        kind: String,
        #[serde(default)]
        metadata: Metadata,
    }
    #[derive(Default, serde::Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Metadata {
        #[serde(default)]
        finalizers: Vec<serde::de::IgnoredAny>,
        #[serde(default)]
        deletion_grace_period_seconds: u64,
    }
    verb != Verb::Delete
        || serde_json::from_str::<Form>(json).is_ok_and(|Form { kind, metadata }| {
            kind == "Status" || metadata.finalizers.is_empty() && metadata.deletion_grace_period_seconds == 0
        })
}

type Work = Pin<Box<dyn Future<Output = Result<Answer, Refusal>> + Send>>;

/// A request under way.
struct Flight<'a> {
    run: &'a Arc<RunState>,
    work: Option<Work>,
}

impl Future for Flight<'_> {
    type Output = Result<Answer, Refusal>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let Some(work) = &mut self.work else { return Poll::Pending };
        let answer = std::task::ready!(work.as_mut().poll(cx));
        self.work = None;
        Poll::Ready(answer)
    }
}

impl Drop for Flight<'_> {
    /// Dropped before its answer, by a timeout of the user's, say: what comes of it, the run will not know. Nor can the
    /// request be taken back, so it goes on to its end, and the next run waits for that.
    fn drop(&mut self) {
        let Some(work) = self.work.take() else { return };
        self.run.sight().lose();
        let abandoned = self.run.abandon();
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(async move {
                let _ = work.await;
                drop(abandoned);
            });
        }
    }
}

/// A removal in flight. However it ends, the core is told, once.
struct Pending<'a> {
    run: &'a RunState,
    index: usize,
    key: &'a Key,
    uid: Uid,
    removed: bool,
}

impl<'a> Pending<'a> {
    fn begin(run: &'a RunState, write: &'a Write, uid: Uid) -> Self {
        run.member.shared.world().delete_begin(run.member.id, write.index, &write.key, uid);
        Self { run, index: write.index, key: &write.key, uid, removed: false }
    }

    /// The answer has come; `removed`: nothing is left of the object.
    fn end(mut self, removed: bool) {
        self.removed = removed;
    }
}

impl Drop for Pending<'_> {
    /// Without an answer nothing is known to be removed.
    fn drop(&mut self) {
        let Self { run, index, key, uid, removed } = self;
        run.member.shared.change(|world, now| world.delete_end(run.member.id, *index, key, *uid, *removed, now));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_delete_leaves() {
        let leaves_nothing = |json| leaves_nothing(Verb::Delete, json);
        assert!(leaves_nothing(r#"{"kind":"Status","status":"Success"}"#));
        assert!(leaves_nothing(r#"{"kind":"Pod","metadata":{"deletionGracePeriodSeconds":0}}"#), "not on a node");
        assert!(!leaves_nothing(r#"{"kind":"Pod","metadata":{"deletionGracePeriodSeconds":30}}"#), "on a node");
        assert!(!leaves_nothing(
            r#"{"kind":"ConfigMap","metadata":{"finalizers":["a/b"],"deletionGracePeriodSeconds":0}}"#
        ));
        assert!(!leaves_nothing("404 page not found"));
    }
}
