//! An HTTP proxy that does with chosen requests what a test says.

mod fault;

use std::convert::Infallible;
use std::fmt;
use std::io::Error;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use futures::{StreamExt, stream};
use http::header::{CONNECTION, CONTENT_LENGTH, HOST, RETRY_AFTER, TRANSFER_ENCODING};
use http::{Request, Response};
use http_body::Frame;
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Full, StreamBody};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use kube::{Client, Config};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

pub use fault::Fault;
use fault::{How, Target};

use crate::Gate;

type Body = UnsyncBoxBody<Bytes, Error>;
type Answer = Response<Body>;

/// An HTTP proxy before an API server, which does with chosen requests what a test says, and passes on all others. It ends when it is
/// dropped.
///
/// ```no_run
/// # use steersman_control_plane::{ControlPlane, Fault, Gateway, User};
/// # async fn test(cluster: &ControlPlane) -> Result<(), kube::Error> {
/// let (gateway, config) = Gateway::before(cluster.config_for(User::Admin, Some("operator/1.0"))).await;
/// gateway.fail(Fault::status(429).retry_after(1).verb("patch").resource("configmaps").times(3));
/// let client = kube::Client::try_from(config)?;
/// // .. an operator with this client ..
/// assert_eq!(gateway.writes(), ["PATCH 429", "PATCH 429", "PATCH 429", "PATCH 201"]);
/// # Ok(())
/// # }
/// ```
///
/// kube's own client repeats what was answered 429, 503 or 504, unless its configuration says `default_retry = false`.
#[derive(Debug)]
pub struct Gateway {
    state: Arc<State>,
    accepting: JoinHandle<()>,
}

struct State {
    upstream: Client,
    faults: Mutex<Vec<Fault>>,
    /// What each write was answered: method and status.
    writes: Mutex<Vec<String>>,
    /// Where the events of all watches wait.
    watches: Gate,
}

impl fmt::Debug for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("State").field("faults", &self.faults).finish_non_exhaustive()
    }
}

impl Gateway {
    /// One before the API server of `config`, and a configuration for a client that goes through it. To be called in a tokio runtime.
    ///
    /// # Panics
    /// If no port can be opened, or the configuration makes no client.
    pub async fn before(mut config: Config) -> (Self, Config) {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
        let address = listener.local_addr().expect("a bound socket has an address");
        let mut outside = config.clone();
        outside.cluster_url = format!("http://{address}").parse().expect("an address makes a URL");
        config.default_retry = false;
        // What the client says of itself is passed on.
        config.headers.clear();
        let upstream = Client::try_from(config).expect("the configuration makes a client");
        let (faults, writes, watches) = (Mutex::default(), Mutex::default(), Gate::open());
        let state = Arc::new(State { upstream, faults, writes, watches });
        let states = state.clone();
        let accepting = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(serve(states.clone(), client));
            }
        });
        (Self { state, accepting }, outside)
    }

    /// Has requests to come fail. Of several faults that concern a request, it is the oldest that is not used up.
    pub fn fail(&self, fault: Fault) {
        lock(&self.state.faults).push(fault);
    }

    /// The same, of several.
    pub fn script(&self, faults: impl IntoIterator<Item = Fault>) {
        lock(&self.state.faults).extend(faults);
    }

    /// What the writes so far were answered: `PATCH 200`, or `PATCH lost`.
    #[must_use]
    pub fn writes(&self) -> Vec<String> {
        lock(&self.state.writes).clone()
    }

    /// Where the answers to all GETs wait, the events of watches among them: open at first.
    #[must_use]
    pub fn watches(&self) -> &Gate {
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
    let target = Target::of(request.method(), request.uri());
    let fault = Fault::take(&mut lock(&state.faults), &target);
    if !target.is_write() {
        let gate = state.watches.clone();
        let answer = match fault {
            Some(how) => carry_out(&state, request, how).await?,
            None => pass_on(&state, request).await?,
        };
        return Ok(answer.map(|body| held(body, gate)));
    }
    if target.is_review() {
        return pass_on(&state, request).await;
    }
    let method = request.method().clone();
    let result = match fault {
        Some(how) => carry_out(&state, request, how).await,
        None => complete(&state, request).await.map(|(head, body)| Response::from_parts(head, whole(body))),
    };
    let code = result.as_ref().map_or_else(|_| "lost".to_owned(), |answer| answer.status().as_u16().to_string());
    lock(&state.writes).push(format!("{method} {code}"));
    result
}

async fn carry_out(state: &State, request: Request<Incoming>, how: How) -> Result<Answer, Error> {
    match &how {
        How::Refused { code, wait, body } => {
            let answer = Response::builder().status(*code).body(whole(Bytes::from(body.clone())));
            let mut answer = answer.map_err(Error::other)?;
            answer.headers_mut().extend(wait.map(|seconds| (RETRY_AFTER, seconds.into())));
            return Ok(answer);
        }
        How::Late(gate) => gate.pass().await,
        _ => {}
    }
    let (mut head, body) = complete(state, request).await?;
    let mut breaks = |code: u16, body: Body| {
        head.headers.remove(CONTENT_LENGTH);
        let mut answer = Response::new(body);
        *answer.status_mut() = http::StatusCode::from_u16(code).map_err(Error::other)?;
        Ok(answer)
    };
    match how {
        How::Done { code, body } => breaks(code, whole(Bytes::from(body))),
        How::Lost(gate) => {
            gate.pass().await;
            Err(Error::other("the connection breaks"))
        }
        How::Half => {
            let half = body.slice(..body.len() / 2);
            let parts = [Ok(Frame::data(half)), Err(Error::other("the connection breaks"))];
            breaks(head.status.as_u16(), StreamBody::new(stream::iter(parts)).boxed_unsync())
        }
        How::Endless { code } => {
            let blank = Bytes::from(vec![b' '; 1 << 16]);
            let parts = stream::once(async { body }).chain(stream::repeat(blank));
            breaks(code, StreamBody::new(parts.map(|part| Ok(Frame::data(part)))).boxed_unsync())
        }
        How::Held(gate) => {
            gate.pass().await;
            Ok(Response::from_parts(head, whole(body)))
        }
        How::Late(_) | How::Refused { .. } => Ok(Response::from_parts(head, whole(body))),
    }
}

/// The API server's answer with all of its body.
async fn complete(state: &State, request: Request<Incoming>) -> Result<(http::response::Parts, Bytes), Error> {
    let (head, body) = pass_on(state, request).await?.into_parts();
    Ok((head, body.collect().await?.to_bytes()))
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
