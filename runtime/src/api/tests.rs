use std::sync::Mutex;
use std::time::Duration;

use futures::{AsyncReadExt, FutureExt};
use http::StatusCode;
use kube::core::Status;

use super::requests::BOUNDS;
use super::*;

/// A service that answers by the path, and notes what came to it.
#[derive(Clone, Default)]
struct Script(Arc<Mutex<Vec<String>>>);

impl Service<Request<Body>> for Script {
    type Response = Response<Body>;
    type Error = BoxError;
    type Future = BoxFuture<'static, Result<Response<Body>, BoxError>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let path = request.uri().path().to_owned();
        self.0.lock().unwrap().push(format!("{} {path}", request.method()));
        Box::pin(async move {
            let status = r#"{"kind":"Status","message":"no","reason":"Conflict","code":409}"#;
            match path.rsplit('/').next() {
                Some("conflict") => Ok(answer(409, status)),
                Some("broken") => Err("connection refused".into()),
                Some("hangs") => std::future::pending().await,
                _ => Ok(answer(200, "text")),
            }
        })
    }
}

fn answer(code: u16, body: &str) -> Response<Body> {
    let mut answer = Response::new(Body::from(body.as_bytes().to_vec()));
    *answer.status_mut() = StatusCode::from_u16(code).unwrap();
    answer
}

struct Case {
    script: Script,
    requests: Arc<Requests>,
    gate: Arc<Gate>,
    api: Api,
}

fn case(gate: Gate, bucket: Option<Bucket>) -> Case {
    let (script, requests, gate) = (Script::default(), Arc::new(Requests::default()), Arc::new(gate));
    let client = Client::new(script.clone(), "somewhere");
    let api = Api::new(&client, "Test", bucket, gate.clone(), requests.clone());
    Case { script, requests, gate, api }
}

fn request(method: &str, path: &str) -> Request<Vec<u8>> {
    Request::builder().method(method).uri(format!("/api/v1/namespaces/a/configmaps/{path}")).body(Vec::new()).unwrap()
}

impl Case {
    async fn ask(&self, method: &str, path: &str) -> Result<String, kube::Error> {
        self.api.client.request_text(request(method, path)).await
    }

    fn counts(&self) -> Vec<(&'static str, Option<u16>, u64)> {
        self.requests.snapshot().iter().map(|(labels, counted)| (labels.verb, labels.code, counted.count)).collect()
    }
}

#[tokio::test]
async fn answers_and_errors_are_the_inner_clients() {
    let case = case(Gate::open(), None);
    assert_eq!(case.api.client.default_namespace(), "somewhere");
    assert_eq!(case.ask("GET", "b").await.unwrap(), "text");
    let mut text = String::new();
    let mut stream = Box::pin(case.api.client.request_stream(request("GET", "b")).await.unwrap());
    stream.read_to_string(&mut text).await.unwrap();
    assert_eq!(text, "text");
    let refused = case.ask("PATCH", "conflict").await.unwrap_err();
    assert!(
        matches!(&refused, kube::Error::Api(status) if matches!(&**status, Status { code: 409, .. })),
        "{refused:?}"
    );
    let inner = Client::new(Script::default(), "");
    let said = async |client: &Client| client.request_text(request("PATCH", "broken")).await.unwrap_err();
    let (ours, inners) = (said(&case.api.client).await, said(&inner).await);
    assert!(matches!(ours, kube::Error::Service(_)), "{ours:?}");
    assert_eq!(format!("{ours:?}"), format!("{inners:?}"));
    let direct = case.api.send(request("PATCH", "broken").map(Body::from)).await.unwrap_err();
    assert_eq!(format!("{direct:?}"), format!("{inners:?}"));
    assert_eq!(case.counts(), [("get", Some(200), 2), ("patch", None, 2), ("patch", Some(409), 1)]);
}

#[tokio::test(start_paused = true)]
async fn who_waits_no_longer_is_counted_too() {
    let case = case(Gate::open(), None);
    let asked = tokio::time::timeout(Duration::from_secs(3), case.ask("DELETE", "hangs")).await;
    assert!(asked.is_err());
    let (labels, counted) = case.requests.snapshot().swap_remove(0);
    assert_eq!((labels.client, labels.verb, labels.resource.as_str()), ("Test", "delete", "configmaps"));
    assert_eq!((labels.code, counted.time), (None, Duration::from_secs(3)));
    let bucket = BOUNDS.iter().position(|bound| *bound == 4.0).unwrap();
    assert_eq!((counted.buckets[bucket], counted.buckets.iter().sum::<u64>()), (1, 1));
    case.gate.quiet().now_or_never().expect("nothing is under way");
}

#[tokio::test(start_paused = true)]
async fn a_replica_that_does_not_lead_reads_and_writes_nothing() {
    let case = case(Gate::closed(), None);
    assert!(case.ask("GET", "b").await.is_ok());
    let error = case.ask("PUT", "b").await.unwrap_err();
    assert!(matches!(&error, kube::Error::Service(error) if error.is::<NotLeading>()), "{error:?}");
    let error = case.api.send(request("PUT", "b").map(Body::from)).await.unwrap_err();
    assert!(matches!(&error, kube::Error::Service(error) if error.is::<NotLeading>()), "{error:?}");
    let mut lease = request("PUT", "b");
    lease.extensions_mut().insert(Ungated);
    assert!(case.api.client.request_text(lease).await.is_ok());
    case.gate.open_until(now() + Duration::from_secs(10));
    assert!(case.ask("PUT", "b").await.is_ok());
    tokio::time::advance(Duration::from_secs(11)).await;
    assert!(case.ask("POST", "").await.is_err());
    let sent = case.script.0.lock().unwrap().clone();
    assert_eq!(sent.iter().filter(|sent| !sent.starts_with("GET")).count(), 2, "{sent:?}");
    assert_eq!(case.counts(), [("get", Some(200), 1), ("update", Some(200), 2)], "what is not sent is not counted");
}

#[tokio::test(start_paused = true)]
async fn a_write_that_waited_for_its_place_is_not_sent_after_the_lead_is_lost() {
    let case = case(Gate::closed(), Some(Bucket::new(0.1, 1)));
    case.gate.open_until(now() + Duration::from_secs(5));
    assert!(case.ask("PUT", "b").await.is_ok());
    assert!(case.ask("PUT", "b").await.is_err(), "its place comes after 10 s");
    assert_eq!(case.script.0.lock().unwrap().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn each_request_takes_one_place() {
    let case = case(Gate::open(), Some(Bucket::new(1.0, 2)));
    let start = tokio::time::Instant::now();
    for i in 0..4 {
        if i % 2 == 0 {
            case.ask("PUT", "b").await.unwrap();
        } else {
            case.api.pace().await;
            let mut paced = request("PUT", "b");
            paced.extensions_mut().insert(Paced);
            case.api.client.request_text(paced).await.unwrap();
        }
    }
    assert_eq!(start.elapsed(), Duration::from_secs(2));
    let hangs = tokio::time::timeout(Duration::from_secs(60), case.ask("PUT", "hangs"));
    let other = case.ask("GET", "b");
    let (hangs, other) = tokio::join!(hangs, other);
    assert!(hangs.is_err() && other.is_ok(), "an answer that does not come keeps nobody waiting");
}

/// What the wrapping costs: printed by `cargo test -p steersman --release -- --ignored --nocapture cost_of_the_way`.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "a measurement"]
async fn cost_of_the_way() {
    const N: u32 = 100_000;
    let case = case(Gate::open(), Some(Bucket::new(1e9, 1_000_000)));
    let plain = Client::new(Script::default(), "");
    let time = async |client: &Client| {
        let start = std::time::Instant::now();
        for _ in 0..N {
            client.request_text(request("PATCH", "b")).await.unwrap();
        }
        start.elapsed() / N
    };
    for _ in 0..3 {
        let (plain, wrapped) = (time(&plain).await, time(&case.api.client).await);
        println!("a request without a network: {plain:?}; through the wrapped client: {wrapped:?}");
    }
    let start = std::time::Instant::now();
    for _ in 0..N {
        case.api.send(request("PATCH", "b").map(Body::from)).await.unwrap();
    }
    println!("a write of a run: {:?}", start.elapsed() / N);
    let start = std::time::Instant::now();
    let uri: http::Uri = "/apis/apps/v1/namespaces/a/deployments/b?fieldManager=x&force=true".parse().unwrap();
    for _ in 0..N {
        let gate = case.gate.pass().unwrap();
        let target = Target::of(&http::Method::PATCH, &uri);
        drop(Count { pass: &case.api.pass, target, begin: now(), code: Some(200) });
        drop(gate);
    }
    println!("of that, gate and count: {:?}", start.elapsed() / N);
}
