//! An API server that answers watches with prepared bytes.

use std::collections::{HashMap, VecDeque};
use std::convert::Infallible;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use bytes::Bytes;
use http::{Request, Response};
use http_body::Frame;
use kube::Client;
use kube::client::Body;
use serde_json::json;
use tokio::sync::oneshot;

use crate::objects::Form;

/// How much of an answer arrives at once, as from a connection.
const CHUNK: usize = 16 * 1024;

/// The bytes of one watch; all clones are the same watch.
#[derive(Clone, Debug, Default)]
pub(crate) struct Feed(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    chunks: VecDeque<Bytes>,
    reader: Option<Waker>,
    drained: Option<oneshot::Sender<()>>,
}

impl Feed {
    /// A watch that begins with these lines as its streaming list.
    pub(crate) fn listing(lines: &Bytes, form: Form, rv: u64) -> Self {
        let feed = Self::default();
        feed.push(lines);
        feed.push(&Self::end(form, rv));
        feed
    }

    /// The line that ends a streaming list. kube's decoder wants to know the version and kind of the bookmark in it.
    pub(crate) fn end(form: Form, rv: u64) -> Bytes {
        let (api_version, kind) = form.names();
        let metadata = json!({
            "resourceVersion": rv.to_string(), "annotations": { "k8s.io/initial-events-end": "true" },
        });
        let bookmark = json!({ "apiVersion": api_version, "kind": kind, "metadata": metadata });
        format!("{}\n", json!({ "type": "BOOKMARK", "object": bookmark })).into()
    }

    /// Sends lines, and waits until whoever reads them asks for more: until it is done with all of them.
    pub(crate) async fn feed(&self, lines: &Bytes) {
        let (sender, drained) = oneshot::channel();
        self.state().drained = Some(sender);
        self.push(lines);
        // An error would mean that another `feed` began meanwhile.
        drained.await.expect("one feed at a time");
    }

    /// Sends lines.
    pub(crate) fn push(&self, lines: &Bytes) {
        let mut state = self.state();
        let starts = (0..lines.len()).step_by(CHUNK);
        state.chunks.extend(starts.map(|start| lines.slice(start..lines.len().min(start + CHUNK))));
        if let Some(reader) = state.reader.take() {
            reader.wake();
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl http_body::Body for Feed {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let mut state = self.state();
        if let Some(chunk) = state.chunks.pop_front() {
            return Poll::Ready(Some(Ok(Frame::data(chunk))));
        }
        state.reader = Some(cx.waker().clone());
        if let Some(drained) = state.drained.take() {
            // Who has waited for it may have been dropped.
            let _ = drained.send(());
        }
        Poll::Pending
    }
}

/// A client whose every watch is answered by the feed of its path.
pub(crate) fn client(feeds: impl IntoIterator<Item = (&'static str, Feed)>) -> Client {
    let feeds: HashMap<&str, Feed> = feeds.into_iter().collect();
    let service = tower::service_fn(move |request: Request<Body>| {
        let feed = feeds.get(request.uri().path()).cloned();
        let streaming = request.uri().query().is_some_and(|query| query.contains("sendInitialEvents=true"));
        let feed = feed.filter(|_| streaming).ok_or_else(|| format!("there is no script for {}", request.uri()));
        async move { feed.map(Response::new) }
    });
    Client::new(service, "default")
}
