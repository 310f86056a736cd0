//! The API server as the service behind a client.

use std::task::{Context, Poll};

use bytes::Bytes;
use futures::future::BoxFuture;
use http::header::{ACCEPT, CONTENT_TYPE, RETRY_AFTER, USER_AGENT};
use http::request::Parts;
use http::{HeaderName, Response};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Full, StreamBody};
use kube::client::Body;
use serde_json::{Value, json};
use tower_service::Service;

use super::path::Target;
use super::refusal::Refusal;
use super::serve::{Answer, Sent, carry_out};
use super::{ApiServer, Inner};
use crate::operator::BoxError;
use crate::testing::fault::{Fault, How};
use crate::testing::journal::SentBy;
use crate::testing::request::{Request, Verb};

type AnswerBody = UnsyncBoxBody<Bytes, BoxError>;

/// What a client knocks at.
pub(super) struct Door(pub(super) ApiServer);

impl Service<http::Request<Body>> for Door {
    type Response = Response<AnswerBody>;
    type Error = BoxError;
    type Future = BoxFuture<'static, Result<Self::Response, BoxError>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<Body>) -> Self::Future {
        let api = self.0.clone();
        Box::pin(async move {
            let (head, body) = request.into_parts();
            let body = body.collect().await?.to_bytes();
            api.answer(&head, &body)
        })
    }
}

impl ApiServer {
    fn answer(&self, head: &Parts, body: &[u8]) -> Result<Response<AnswerBody>, BoxError> {
        let header =
            |name: HeaderName| head.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let body: Value = if body.is_empty() { Value::Null } else { serde_json::from_slice(body)? };
        let Some(target) = Target::parse(&head.uri) else { return refused(&Refusal::unserved()) };
        if let Some(review) = review(&target, &body) {
            return object(201, &review);
        }
        let Some(verb) = target.verb(&head.method, header(CONTENT_TYPE)) else {
            return refused(&Refusal::new(405, "the API server in memory does not know this request"));
        };
        let agent =
            header(USER_AGENT).split('/').next().filter(|agent| !agent.is_empty()).unwrap_or("unknown").to_owned();
        let sent = Sent { content: header(CONTENT_TYPE).to_owned(), accept: header(ACCEPT).to_owned(), body, agent };
        let named = target.key().map(|key| key.to_string());
        let named = named.or(target.namespace.clone()).unwrap_or_default();
        let fault = Fault::take(&mut self.lock().faults, verb, (&target.resource, &named, &target.subresource));
        let Some(Fault { how, retry_after, .. }) = fault else {
            let answer = carry_out(&mut self.lock().state, &target, verb, &sent);
            return self.tell(head, &target, verb, sent, named, Some(answer));
        };
        let answer = match how {
            How::Status(code) => Some(Err(Refusal::new(code, "as the test says").after(retry_after))),
            How::Unreachable => None,
            How::LostAnswer => {
                // What was done, nobody learns.
                drop(carry_out(&mut self.lock().state, &target, verb, &sent));
                None
            }
            How::Before(change) => {
                change(self);
                Some(carry_out(&mut self.lock().state, &target, verb, &sent))
            }
        };
        self.tell(head, &target, verb, sent, named, answer)
    }

    /// Notes a request, and makes a response of what is answered.
    fn tell(
        &self,
        head: &Parts,
        target: &Target,
        verb: Verb,
        sent: Sent,
        named: String,
        answer: Option<Result<Answer, Refusal>>,
    ) -> Result<Response<AnswerBody>, BoxError> {
        let code = answer.as_ref().map(|answer| match answer {
            Ok(Answer::Object(code, _)) => *code,
            Ok(Answer::Watch(_)) => 200,
            Err(refusal) => refusal.code,
        });
        let name = sent.body["metadata"]["name"].as_str();
        let object_name = match name.filter(|_| verb == Verb::Create) {
            Some(name) if named.is_empty() => name.to_owned(),
            Some(name) => format!("{named}/{name}"),
            None => named,
        };
        self.lock().note(Request {
            verb,
            resource: crate::kind::resource(&target.resource.group, &target.resource.plural),
            subresource: target.subresource.clone(),
            object: object_name,
            body: sent.body,
            code,
            at: self.clock.elapsed(),
            run: head.extensions.get::<SentBy>().and_then(|by| self.journal.place(by)),
        });
        match answer {
            None => Err("the connection was cut".into()),
            Some(Ok(Answer::Object(code, json))) => object(code, &json),
            Some(Ok(Answer::Watch(lines))) => Ok(Response::new(BodyExt::boxed_unsync(StreamBody::new(lines.frames())))),
            Some(Err(refusal)) => refused(&refusal),
        }
    }
}

impl Inner {
    fn note(&mut self, request: Request) {
        self.requests.push(request);
    }
}

/// Questions about oneself: everybody may do everything.
fn review(target: &Target, body: &Value) -> Option<Value> {
    let status = match (&*target.resource.group, &*target.resource.plural) {
        ("authorization.k8s.io", "selfsubjectaccessreviews") => json!({ "allowed": true }),
        ("authentication.k8s.io", "selfsubjectreviews") => json!({ "userInfo": { "username": "test" } }),
        _ => return None,
    };
    let mut review = body.clone();
    review["status"] = status;
    Some(review)
}

fn object(code: u16, json: &Value) -> Result<Response<AnswerBody>, BoxError> {
    text(code, json.to_string())
}

fn refused(refusal: &Refusal) -> Result<Response<AnswerBody>, BoxError> {
    if refusal.is_unserved() && refusal.retry_after.is_none() {
        return text(404, "404 page not found\n".to_owned());
    }
    let mut response = object(refusal.code, &refusal.to_json())?;
    if let Some(seconds) = refusal.retry_after {
        response.headers_mut().insert(RETRY_AFTER, seconds.into());
    }
    Ok(response)
}

fn text(code: u16, text: String) -> Result<Response<AnswerBody>, BoxError> {
    let body = Full::new(Bytes::from(text)).map_err(|never| match never {}).boxed_unsync();
    Ok(Response::builder().status(code).header(CONTENT_TYPE, "application/json").body(body)?)
}
