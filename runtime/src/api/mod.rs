//! The way to the API server: every request of a manager and its operators passes here, is counted, and waits or is refused
//! where it must.

mod bucket;
mod gate;
mod requests;
mod target;

use std::fmt;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Instant;

use futures::future::BoxFuture;
use http::{Request, Response};
use kube::Client;
use kube::client::Body;
use tower_service::Service;

pub(crate) use bucket::Bucket;
pub(crate) use gate::{Gate, NotLeading};
pub(crate) use requests::Requests;
#[cfg(feature = "server")]
pub(crate) use requests::{BOUNDS, Counted, RequestLabels};
use target::Target;

use crate::clock::now;
use crate::operator::BoxError;

/// The client of the manager itself, as its requests are counted.
pub(crate) const MANAGER: &str = "manager";

/// In the extensions of a request: it takes no place in the bucket, because it has one already, or a pace of its own.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Paced;

/// In the extensions of a request: it passes while this replica does not lead. The lease is what decides that.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ungated;

/// The way of one operator, or of the manager, to the API server.
#[derive(Clone)]
pub(crate) struct Api {
    /// What everybody uses, `cx.client()` too. It behaves like the user's own.
    pub(crate) client: Client,
    /// The user's.
    given: Client,
    pass: Arc<Pass>,
}

/// What a client's requests pass.
#[derive(Debug)]
struct Pass {
    /// Whose they are.
    name: &'static str,
    bucket: Option<Bucket>,
    gate: Arc<Gate>,
    requests: Arc<Requests>,
}

impl Api {
    /// Wraps the user's client. To be called within a runtime, as kube demands for each client.
    pub(crate) fn new(
        given: &Client,
        name: &'static str,
        bucket: Option<Bucket>,
        gate: Arc<Gate>,
        requests: Arc<Requests>,
    ) -> Self {
        let pass = Arc::new(Pass { name, bucket, gate, requests });
        let service = Wrapped { given: given.clone(), pass: pass.clone() };
        let client = Client::new(service, given.default_namespace()).with_valid_until(*given.valid_until());
        Self { client, given: given.clone(), pass }
    }

    /// Sends a request of a run: the same as through the client, without the task that stands before it.
    pub(crate) async fn send(&self, request: Request<Body>) -> Result<Response<Body>, kube::Error> {
        let answer = send(self.given.clone(), self.pass.clone(), request).await;
        answer.map_err(|error| match error.downcast::<kube::Error>() {
            Ok(error) => *error,
            Err(error) => kube::Error::Service(error),
        })
    }

    /// Waits for a place for one request, which then has to bear [`Paced`]: so the wait is none for an answer, and who is
    /// dropped meanwhile has sent nothing.
    pub(crate) async fn pace(&self) {
        if let Some(bucket) = &self.pass.bucket {
            bucket.take().await;
        }
    }
}

impl fmt::Debug for Api {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Api").field("pass", &self.pass).finish_non_exhaustive()
    }
}

/// The user's client, as a service for a client of our own. Answers and errors are handed on as they are.
struct Wrapped {
    given: Client,
    pass: Arc<Pass>,
}

impl Service<Request<Body>> for Wrapped {
    type Response = Response<Body>;
    type Error = BoxError;
    type Future = BoxFuture<'static, Result<Response<Body>, BoxError>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        // Whoever waits, for a place or for the inner client, must not keep others from being refused or read.
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        Box::pin(send(self.given.clone(), self.pass.clone(), request))
    }
}

async fn send(client: Client, pass: Arc<Pass>, request: Request<Body>) -> Result<Response<Body>, BoxError> {
    let is_paced = request.extensions().get::<Paced>().is_some();
    if let Some(bucket) = pass.bucket.as_ref().filter(|_| !is_paced) {
        bucket.take().await;
    }
    let (method, uri) = (request.method().clone(), request.uri().clone());
    let target = Target::of(&method, &uri);
    let is_gated = target.is_write() && request.extensions().get::<Ungated>().is_none();
    // Last of all, after every wait that is ours.
    let _under_way = if is_gated { Some(pass.gate.pass()?) } else { None };
    let mut count = Count { pass: &pass, target, begin: now(), code: None };
    let answer = client.send(request).await?;
    count.code = Some(answer.status().as_u16());
    Ok(answer)
}

/// Counts a request once, however it ends; dropped before its answer, as one without.
struct Count<'a> {
    pass: &'a Pass,
    target: Target<'a>,
    begin: Instant,
    code: Option<u16>,
}

impl Drop for Count<'_> {
    fn drop(&mut self) {
        let Self { pass, target, begin, code } = self;
        pass.requests.count(pass.name, target, *code, now().saturating_duration_since(*begin));
    }
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
