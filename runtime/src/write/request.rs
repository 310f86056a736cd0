//! One write request and the meanings of its answer.

use std::time::Duration;

use http::Request;
use serde_json::Value;

use super::state::RunState;
use crate::core::key::Key;
use crate::error::{FieldConflict, ObjectName, WriteError};

/// The time that the answer to one write may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// A write, ready to be sent.
#[derive(Debug)]
pub(super) struct Write<'a> {
    pub(super) index: usize,
    pub(super) key: &'a Key,
    pub(super) verb: Verb,
    pub(super) subresource: &'static str,
    pub(super) body: &'a Value,
}

/// How to write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verb {
    /// Server-side apply. Forced: what we declare about an object that we control is ours, and a field that somebody else
    /// has taken could otherwise never be repaired. It is what the Kubernetes documentation advises controllers to do.
    Apply,
    Merge,
    Delete,
}

impl Verb {
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Apply => "apply",
            Self::Merge => "patch",
            Self::Delete => "delete",
        }
    }
}

/// Why a write was not done, before it is known what that means.
#[derive(Debug)]
pub(super) enum Refusal {
    /// 409 without causes: the precondition does not hold any more.
    Outdated,
    /// 404, or a uid that is not the one of the object there is.
    Gone,
    Other(WriteError),
}

/// A write that the user's code may drop before its answer, with a timeout of its own, say. Nobody knows then what came of
/// it, so that another run must look at everything again even if this one succeeds.
struct Unanswered<'a> {
    run: &'a RunState,
    answered: bool,
}

impl Drop for Unanswered<'_> {
    fn drop(&mut self) {
        if !self.answered {
            self.run.sight().poison();
        }
    }
}

impl Write<'_> {
    /// Sends it once; returns the answer's body.
    pub(super) async fn send(&self, run: &RunState) -> Result<String, Refusal> {
        let object = run.object_name(self.index, self.key);
        let verb = self.verb.word();
        let request = self.request(run).map_err(|source| {
            let source = Box::new(kube::Error::HttpError(source));
            Refusal::Other(WriteError::Api { verb, object: object.clone(), source })
        })?;
        run.member.stats.write();
        let mut unanswered = Unanswered { run, answered: false };
        let answer = run.member.shared.client.request_text(request);
        let answer = tokio::time::timeout(PATIENCE, answer).await;
        unanswered.answered = true;
        match answer {
            Ok(Ok(text)) => Ok(text),
            Ok(Err(error)) => Err(self.refusal(object, error)),
            Err(_) => Err(Refusal::Other(WriteError::Timeout { verb, object, limit: PATIENCE })),
        }
    }

    fn request(&self, run: &RunState) -> Result<Request<Vec<u8>>, http::Error> {
        let member = &run.member;
        let collection = member.kinds[self.index].collection_path(self.key.namespace());
        let path = format!("{collection}/{}{}", self.key.name(), self.subresource);
        let (method, content, query) = match self.verb {
            Verb::Apply => {
                ("PATCH", "application/apply-patch+yaml", format!("?fieldManager={}&force=true", member.field_manager))
            }
            Verb::Merge => ("PATCH", "application/merge-patch+json", format!("?fieldManager={}", member.field_manager)),
            Verb::Delete => ("DELETE", "application/json", String::new()),
        };
        Request::builder()
            .method(method)
            .uri(format!("{path}{query}"))
            .header(http::header::CONTENT_TYPE, content)
            .header(http::header::ACCEPT, "application/json")
            .body(self.body.to_string().into_bytes())
    }

    fn refusal(&self, object: ObjectName, error: kube::Error) -> Refusal {
        let verb = self.verb.word();
        let kube::Error::Api(status) = &error else {
            return Refusal::Other(WriteError::Api { verb, object, source: Box::new(error) });
        };
        let details = status.details.as_ref();
        let causes = details.map_or(&[][..], |details| &details.causes);
        let uid_changed = causes.iter().any(|c| c.field == "metadata.uid")
            || ["uid mismatch", "UID in precondition"].iter().any(|text| status.message.contains(text));
        // An apply creates what is not there: there, a 404 is about the namespace or the kind. So is one without a name.
        let creates = self.verb == Verb::Apply && self.subresource.is_empty();
        let about_object = !creates && details.is_some_and(|details| details.name == self.key.name());
        match status.code {
            409 | 422 if uid_changed => Refusal::Gone,
            404 if about_object => Refusal::Gone,
            409 if causes.is_empty() => Refusal::Outdated,
            409 => {
                let fields =
                    causes.iter().map(|c| FieldConflict { field: c.field.clone(), message: c.message.clone() });
                Refusal::Other(WriteError::FieldConflict { object, fields: fields.collect() })
            }
            _ => Refusal::Other(WriteError::Api { verb, object, source: Box::new(error) }),
        }
    }
}
