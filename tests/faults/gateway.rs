//! An HTTP proxy that does with each write what a test has written down for it.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::io::Error;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use futures::{StreamExt, stream};
use http::header::{CONNECTION, HOST, RETRY_AFTER, TRANSFER_ENCODING};
use http::{Method, Request, Response};
use http_body::Frame;
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Full, StreamBody};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use kube::{Client, Config};
use tests::Gate;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

type Body = UnsyncBoxBody<Bytes, Error>;
type Answer = Response<Body>;

/// What happens to one write.
#[derive(Clone, Debug)]
pub(crate) enum Fault {
    /// The API server does not get it; this status and body are the answer.
    Refused { code: u16, wait: Option<u32>, body: &'static str },
    /// It is done, and this status and body are the answer.
    Done { code: u16, body: &'static str },
    /// It is done, and the connection breaks instead of an answer, when the gate opens.
    Lost(Gate),
    /// It is done, and the connection breaks in the midst of the answer.
    Half,
    /// It is done, and behind the answer comes white space without end. With this status, if it is another.
    Endless { code: u16 },
    /// It is done when the gate opens, even if the client has gone by then, and then answered.
    Late(Gate),
    /// It is done at once, and answered when the gate opens.
    Held(Gate),
}

/// The proxy. What is not written down is passed on.
pub(crate) struct Gateway {
    state: Arc<State>,
    accepting: JoinHandle<()>,
}

struct State {
    upstream: Client,
    script: Mutex<VecDeque<Fault>>,
    /// What each write was answered: method and status.
    writes: Mutex<Vec<String>>,
    /// Where the events of all watches wait.
    watches: Gate,
}

impl Gateway {
    /// One before the API server of `config`, and a configuration for a client that goes through it.
    pub(crate) async fn before(mut config: Config) -> (Self, Config) {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
        let address = listener.local_addr().expect("a bound socket has an address");
        let mut outside = config.clone();
        outside.cluster_url = format!("http://{address}").parse().expect("an address makes a URL");
        config.default_retry = false;
        // What the operator's client says of itself is passed on.
        config.headers.clear();
        let upstream = Client::try_from(config).expect("the configuration makes a client");
        let (script, writes, watches) = (Mutex::default(), Mutex::default(), Gate::open());
        let state = Arc::new(State { upstream, script, writes, watches });
        let states = state.clone();
        let accepting = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(serve(states.clone(), client));
            }
        });
        (Self { state, accepting }, outside)
    }

    /// What happens to the next writes, one after the other.
    pub(crate) fn script(&self, faults: impl IntoIterator<Item = Fault>) {
        lock(&self.state.script).extend(faults);
    }

    /// What the writes so far were answered: `PATCH 200`, or `PATCH lost`.
    pub(crate) fn writes(&self) -> Vec<String> {
        lock(&self.state.writes).clone()
    }

    /// Where the events of all watches wait: open at first.
    pub(crate) fn watches(&self) -> &Gate {
        &self.state.watches
    }
}

impl Drop for Gateway {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn serve(state: Arc<State>, client: TcpStream) {
    let answer = service_fn(|request| {
        let state = state.clone();
        // A task of its own, since a server gives up what it does for a client that has gone.
        async move { tokio::spawn(answer(state, request)).await.map_err(Error::other)? }
    });
    let _ = http1::Builder::new().serve_connection(TokioIo::new(client), answer).await;
}

async fn answer(state: Arc<State>, request: Request<Incoming>) -> Result<Answer, Error> {
    if request.method() == Method::GET {
        let gate = state.watches.clone();
        return Ok(pass_on(&state, request).await?.map(|body| held(body, gate)));
    }
    // What the operator asks about its rights changes nothing.
    if request.uri().path().starts_with("/apis/authorization.k8s.io/") {
        return pass_on(&state, request).await;
    }
    let method = request.method().clone();
    let fault = lock(&state.script).pop_front();
    let result = carry_out(&state, request, fault).await;
    let code = result.as_ref().map_or_else(|_| "lost".to_owned(), |answer| answer.status().as_u16().to_string());
    lock(&state.writes).push(format!("{method} {code}"));
    result
}

async fn carry_out(state: &State, request: Request<Incoming>, fault: Option<Fault>) -> Result<Answer, Error> {
    match &fault {
        Some(Fault::Refused { code, wait, body }) => {
            let answer = Response::builder().status(*code).body(whole(Bytes::from_static(body.as_bytes())));
            let mut answer = answer.map_err(Error::other)?;
            answer.headers_mut().extend(wait.map(|seconds| (RETRY_AFTER, seconds.into())));
            return Ok(answer);
        }
        Some(Fault::Late(gate)) => gate.pass().await,
        _ => {}
    }
    let (mut head, body) = pass_on(state, request).await?.into_parts();
    let body = body.collect().await?.to_bytes();
    let mut breaks = |code: u16, body: Body| {
        head.headers.remove(http::header::CONTENT_LENGTH);
        let mut answer = Response::new(body);
        *answer.status_mut() = http::StatusCode::from_u16(code).map_err(Error::other)?;
        Ok(answer)
    };
    match fault {
        Some(Fault::Done { code, body }) => breaks(code, whole(Bytes::from_static(body.as_bytes()))),
        Some(Fault::Lost(gate)) => {
            gate.pass().await;
            Err(Error::other("the connection breaks"))
        }
        Some(Fault::Half) => {
            let half = body.slice(..body.len() / 2);
            let parts = [Ok(Frame::data(half)), Err(Error::other("the connection breaks"))];
            breaks(head.status.as_u16(), StreamBody::new(stream::iter(parts)).boxed_unsync())
        }
        Some(Fault::Endless { code }) => {
            let blank = Bytes::from(vec![b' '; 1 << 16]);
            let parts = stream::once(async { body }).chain(stream::repeat(blank));
            breaks(code, StreamBody::new(parts.map(|part| Ok(Frame::data(part)))).boxed_unsync())
        }
        Some(Fault::Held(gate)) => {
            gate.pass().await;
            Ok(Response::from_parts(head, whole(body)))
        }
        _ => Ok(Response::from_parts(head, whole(body))),
    }
}

/// The API server's answer.
async fn pass_on(state: &State, request: Request<Incoming>) -> Result<Answer, Error> {
    let (mut head, body) = request.into_parts();
    head.headers.remove(HOST);
    let body = body.collect().await.map_err(Error::other)?.to_bytes();
    let answer = state.upstream.send(Request::from_parts(head, body.to_vec().into())).await.map_err(Error::other)?;
    let (mut head, body) = answer.into_parts();
    head.version = http::Version::HTTP_11;
    for header in [CONNECTION, TRANSFER_ENCODING] {
        head.headers.remove(header);
    }
    Ok(Response::from_parts(head, body.map_err(Error::other).boxed_unsync()))
}

fn whole(body: Bytes) -> Body {
    Full::new(body).map_err(|never: Infallible| match never {}).boxed_unsync()
}

/// The same body, each part of which has to pass the gate.
fn held(body: Body, gate: Gate) -> Body {
    let parts = body.into_data_stream().then(move |part| {
        let gate = gate.clone();
        async move {
            gate.pass().await;
            part.map(Frame::data)
        }
    });
    StreamBody::new(parts).boxed_unsync()
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
