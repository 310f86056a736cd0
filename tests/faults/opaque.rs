//! An API whose resourceVersions are no numbers, as an aggregated one may have them: the real API server, translated.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use futures::FutureExt;
use futures::future::BoxFuture;
use http::{Request, Response};
use http_body::Frame;
use k8s_openapi::api::core::v1::ConfigMap;
use kube::client::{Body, ClientBuilder};
use kube::{Client, ResourceExt};
use serde_json::json;
use steersman::Action;
use steersman_control_plane::User;
use tests::kinds::{Shelf, ShelfStatus, stock};
use tests::{Journal, data_of, eventually};
use tokio::time::Sleep;
use tower::{BoxError, Layer, Service};

use crate::{nudge, says, turn};

/// What stands before the API server's numbers outside.
const MARK: &str = "v/";
/// How far watches lag behind, so that a run ends before they show what it has written.
const LAG: Duration = Duration::from_millis(200);
const FIELD: &str = "\"resourceVersion\":\"";

/// Translates the versions in requests and answers.
struct Opaque<S>(S);

struct OpaqueLayer;

impl<S> Layer<S> for OpaqueLayer {
    type Service = Opaque<S>;

    fn layer(&self, service: S) -> Opaque<S> {
        Opaque(service)
    }
}

impl<S, B> Service<Request<Body>> for Opaque<S>
where
    S: Service<Request<Body>, Response = Response<B>, Error = BoxError> + Send + 'static,
    S::Future: Send + 'static,
    B: 'static,
{
    type Response = Response<Lines<B>>;
    type Error = BoxError;
    type Future = BoxFuture<'static, Result<Self::Response, BoxError>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.0.poll_ready(cx)
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let lag = if request.uri().to_string().contains("watch=true") { LAG } else { Duration::ZERO };
        let answer = inner(request).map(|request| self.0.call(request));
        let lines = move |body| Lines { body: Box::pin(body), rest: Vec::new(), lag, late: None };
        async move { Ok(answer?.await?.map(lines)) }.boxed()
    }
}

/// The request as the API server is to see it.
fn inner(request: Request<Body>) -> Result<Request<Body>, BoxError> {
    let (mut head, body) = request.into_parts();
    head.uri = head.uri.to_string().replace("resourceVersion=v%2F", "resourceVersion=").parse()?;
    let body = body.collect_bytes().now_or_never().ok_or("a request is there as a whole")??;
    let body = String::from_utf8(body.to_vec())?.replace(&format!("{FIELD}{MARK}"), FIELD);
    Ok(Request::from_parts(head, body.into_bytes().into()))
}

/// An answer, translated line by line. That of a watch lags behind.
struct Lines<B> {
    body: Pin<Box<B>>,
    rest: Vec<u8>,
    lag: Duration,
    late: Option<(Pin<Box<Sleep>>, Bytes)>,
}

impl<B: http_body::Body<Data = Bytes>> http_body::Body for Lines<B> {
    type Data = Bytes;
    type Error = B::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, B::Error>>> {
        loop {
            if let Some((until, lines)) = &mut self.late {
                std::task::ready!(until.as_mut().poll(cx));
                let lines = std::mem::take(lines);
                self.late = None;
                return Poll::Ready(Some(Ok(Frame::data(lines))));
            }
            match std::task::ready!(self.body.as_mut().poll_frame(cx)) {
                Some(Ok(frame)) => {
                    self.rest.extend_from_slice(&frame.into_data().unwrap_or_default());
                    if let Some(end) = self.rest.iter().rposition(|byte| *byte == b'\n') {
                        let whole: Vec<u8> = self.rest.drain(..=end).collect();
                        self.late = Some((Box::pin(tokio::time::sleep(self.lag)), translate(&whole)));
                    }
                }
                Some(Err(error)) => return Poll::Ready(Some(Err(error))),
                None if self.rest.is_empty() => return Poll::Ready(None),
                None => {
                    let rest = std::mem::take(&mut self.rest);
                    return Poll::Ready(Some(Ok(Frame::data(translate(&rest)))));
                }
            }
        }
    }
}

fn translate(text: &[u8]) -> Bytes {
    String::from_utf8_lossy(text).replace(FIELD, &format!("{FIELD}{MARK}")).into()
}

#[tokio::test]
async fn versions_that_cannot_be_compared_cost_waiting_and_no_change() {
    let turn = turn("opaque").await;
    let place = &turn.place;
    let agent = place.agent();
    let config = place.cluster.config_for(User::Admin, Some(&agent));
    let builder = ClientBuilder::try_from(config).expect("a client can be made").with_layer(&OpaqueLayer);
    let client: Client = builder.build();
    let journal = Journal::default();
    let operator = || {
        Shelf::by(&journal, |shelf, seen, cx| async move {
            for map in seen.config_maps.iter() {
                let version = map.resource_version().unwrap_or_default();
                assert!(version.starts_with(MARK), "{version}");
            }
            stock(&shelf.spec, &cx.config_maps()).await?;
            assert_eq!(cx.snapshot().config_maps.len(), shelf.spec.maps.len(), "it sees its own writes");
            cx.apply_status(ShelfStatus { count: cx.snapshot().config_maps.len() }).await?;
            Ok(Action::await_change())
        })
        .namespace(&place.namespace)
    };
    let operating = place.operate_with(client.clone(), agent.clone(), |manager| manager.with(operator()));
    place.started(1).await;
    place.create(Shelf::of("a", &["x", "y"])).await;
    says(place, "y", "y").await;
    // Others' edits, deletions, and those of the primary, each alone; what the operator writes wakes nobody.
    place.ended(1).await;
    nudge(place, "x").await;
    says(place, "x", "x").await;
    place.ended(2).await;
    place.delete::<ConfigMap>("y").await;
    says(place, "y", "y").await;
    place.ended(3).await;
    place.patch::<Shelf>("a", json!({ "spec": { "maps": { "x": null, "z": "z" } } })).await;
    place.gone::<ConfigMap>("x").await;
    says(place, "z", "z").await;
    place.ended(4).await;
    place.patch::<ConfigMap>("z", json!({ "metadata": { "labels": { "foreign": "label" } } })).await;
    place.ended(5).await;
    let expected = ["a: primary", "a: config_maps", "a: config_maps", "a: primary", "a: config_maps"];
    assert_eq!(journal.take(), expected);
    assert_eq!(operating.costs().reads, 0);
    operating.stop().await;

    // What happened meanwhile is found, and nothing else is written.
    place.delete::<ConfigMap>("z").await;
    let agent = place.agent();
    let config = place.cluster.config_for(User::Admin, Some(&agent));
    let client: Client = ClientBuilder::try_from(config).expect("a client").with_layer(&OpaqueLayer).build();
    let operating = place.operate_with(client, agent, |manager| manager.with(operator()));
    says(place, "z", "z").await;
    place.ended(6).await;
    assert_eq!(journal.lines(), ["a: startup"]);
    assert_eq!(operating.costs().writes, 1, "{:?}", operating.requests());
    eventually("all is as desired", async || {
        let map = place.get::<ConfigMap>("y").await;
        map.is_some_and(|map| data_of(&map) == "y")
    })
    .await;
}
