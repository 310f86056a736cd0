//! `/debug/`.

use axum::Router;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use serde::Deserialize;
use serde_json::Value;

use super::Port;
use crate::inspect::{From, Page, snapshot_text};

/// The lines of a list, unless asked for otherwise.
const LINES: usize = 100;
/// The most of them.
const MOST: usize = 1000;

const INDEX: &str = "\
/debug/watches                                        the watches: state, lag, events, restarts, errors
/debug/caches                                         the caches: objects, bytes, stubs
/debug/queue                                          the queues, and who waits in them
/debug/primaries                                      all primaries: last run, next run
/debug/primaries/{operator}/{namespace}/{name}        one of them: last runs, deadlines, fingerprints
/debug/primaries/{operator}/{name}                    the same, cluster-scoped
/debug/snapshot/{operator}/{namespace}/{name}         what a run of it would see now; no values of Secrets
/debug/snapshot/{operator}/{name}                     the same, cluster-scoped

?format=json          JSON instead of text, as with `Accept: application/json`
?limit=1000           more lines than 100, or fewer; of a snapshot, objects of each secondary
?namespace=default    those alone
?operator=WebApp      of primaries, those alone
?from=0-100           of primaries, where the list goes on: what it has shown as `next`
";

/// What a view may be asked for.
#[derive(Debug, Default, Deserialize)]
struct Asked {
    format: Option<String>,
    limit: Option<usize>,
    namespace: Option<String>,
    operator: Option<String>,
    from: Option<String>,
}

impl Asked {
    fn limit(&self) -> usize {
        self.limit.unwrap_or(LINES).clamp(1, MOST)
    }

    fn wants_json(&self, headers: &HeaderMap) -> bool {
        let accepts = |value: &str| value.contains("application/json");
        match self.format.as_deref() {
            Some(format) => format == "json",
            None => headers.get(header::ACCEPT).and_then(|value| value.to_str().ok()).is_some_and(accepts),
        }
    }

    fn answer(&self, headers: &HeaderMap, page: Page) -> Response {
        if self.wants_json(headers) { json(&page.json()) } else { page.text().into_response() }
    }
}

pub(super) fn router() -> Router<Port> {
    Router::new()
        .route("/debug", get(async || INDEX))
        .route("/debug/", get(async || INDEX))
        .route("/debug/watches", get(watches))
        .route("/debug/caches", get(caches))
        .route("/debug/queue", get(queue))
        .route("/debug/primaries", get(primaries))
        .route("/debug/primaries/{operator}/{namespace}/{name}", get(primary))
        .route("/debug/primaries/{operator}/{name}", get(cluster_primary))
        .route("/debug/snapshot/{operator}/{namespace}/{name}", get(snapshot))
        .route("/debug/snapshot/{operator}/{name}", get(cluster_snapshot))
}

fn json(value: &Value) -> Response {
    let text = serde_json::to_string_pretty(value).unwrap_or_default() + "\n";
    ([(header::CONTENT_TYPE, "application/json")], text).into_response()
}

fn no_primary() -> Response {
    let text = "there is no such operator, or no such primary in its cache; `/debug/primaries` lists them\n";
    (StatusCode::NOT_FOUND, text).into_response()
}

async fn watches(State(Port(port)): State<Port>, Query(asked): Query<Asked>, headers: HeaderMap) -> Response {
    asked.answer(&headers, port.views.watches())
}

async fn caches(State(Port(port)): State<Port>, Query(asked): Query<Asked>, headers: HeaderMap) -> Response {
    asked.answer(&headers, port.views.caches())
}

async fn queue(State(Port(port)): State<Port>, Query(asked): Query<Asked>, headers: HeaderMap) -> Response {
    asked.answer(&headers, port.views.queue(asked.limit(), asked.namespace.as_deref()))
}

async fn primaries(State(Port(port)): State<Port>, Query(asked): Query<Asked>, headers: HeaderMap) -> Response {
    let from = match asked.from.as_deref().map(From::parse) {
        None => From::default(),
        Some(Some(from)) => from,
        Some(None) => return (StatusCode::BAD_REQUEST, "`from` is what a list has shown as `next`\n").into_response(),
    };
    let (operator, namespace) = (asked.operator.as_deref(), asked.namespace.as_deref());
    let page = port.views.primaries(asked.limit(), operator, namespace, from).await;
    asked.answer(&headers, page)
}

type Namespaced = Path<(String, String, String)>;
type Clustered = Path<(String, String)>;

async fn primary(
    State(Port(port)): State<Port>,
    Path((operator, namespace, name)): Namespaced,
    Query(asked): Query<Asked>,
    headers: HeaderMap,
) -> Response {
    let page = port.views.primary(&operator, Some(&namespace), &name);
    page.map_or_else(no_primary, |page| asked.answer(&headers, page))
}

async fn cluster_primary(
    State(Port(port)): State<Port>,
    Path((operator, name)): Clustered,
    Query(asked): Query<Asked>,
    headers: HeaderMap,
) -> Response {
    let page = port.views.primary(&operator, None, &name);
    page.map_or_else(no_primary, |page| asked.answer(&headers, page))
}

async fn snapshot(
    State(Port(port)): State<Port>,
    Path((operator, namespace, name)): Namespaced,
    Query(asked): Query<Asked>,
    headers: HeaderMap,
) -> Response {
    let snapshot = port.views.snapshot(&operator, Some(&namespace), &name, asked.limit());
    show(snapshot, &asked, &headers)
}

async fn cluster_snapshot(
    State(Port(port)): State<Port>,
    Path((operator, name)): Clustered,
    Query(asked): Query<Asked>,
    headers: HeaderMap,
) -> Response {
    show(port.views.snapshot(&operator, None, &name, asked.limit()), &asked, &headers)
}

fn show(snapshot: Option<Value>, asked: &Asked, headers: &HeaderMap) -> Response {
    match snapshot {
        None => no_primary(),
        Some(snapshot) if asked.wants_json(headers) => json(&snapshot),
        Some(snapshot) => snapshot_text(&snapshot).into_response(),
    }
}
