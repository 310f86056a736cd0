//! Sends events to the API server, one after the other.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use http::Request;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::MicroTime;
use k8s_openapi::jiff::Timestamp;
use kube::Client;
use serde_json::{Value, json};
use tokio::sync::Notify;

use super::event::Report;
use super::ledger::{Dropped, Job, Ledger, Outcome};
use super::names::{event_name, reporting_instance};
use super::said::Said;
use crate::api::Paced;
use crate::clock::now;
use crate::core::key::Rv;
use crate::error::{chain, is_outage};

/// The time that one answer may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// The time that is left for what is still unsent when the manager stops.
const LAST_WORDS: Duration = Duration::from_secs(2);

/// What takes events from runs, and sends them. One for all operators of a manager.
pub(crate) struct Reporter {
    ledger: Mutex<Ledger>,
    news: Notify,
    instance: String,
    said: Mutex<Said>,
}

/// The clients that events are sent with.
#[derive(Clone)]
pub(crate) struct Tellers {
    /// Those of the operators, by their reporting controllers.
    pub(crate) operators: HashMap<Arc<str>, Client>,
    /// The manager's, for whatever is nobody's else.
    pub(crate) manager: Client,
}

impl Tellers {
    fn of(&self, report: &Report) -> &Client {
        self.operators.get(&report.controller).unwrap_or(&self.manager)
    }
}

impl Reporter {
    pub(crate) fn new() -> Self {
        Self { ledger: Mutex::default(), news: Notify::new(), instance: reporting_instance(), said: Mutex::default() }
    }

    /// Takes an event. `version` is the primary's.
    pub(crate) fn report(&self, report: Report, version: Rv) {
        let primary = report.regarding.clone();
        match self.ledger().report(report, version, now()) {
            Ok(()) => self.news.notify_one(),
            Err(Dropped::TooMany { first: true }) => tracing::warn!(
                kind = primary.kind,
                namespace = primary.namespace,
                name = primary.name,
                "there are too many different events about this primary, and new ones are dropped; put what changes each time into the log, not into the note"
            ),
            Err(Dropped::Full { first: true }) => {
                tracing::warn!("too many events wait to be sent; new ones are dropped until others have been sent");
            }
            Err(_) => {}
        }
    }

    /// Sends what is due, for ever.
    pub(crate) async fn run(&self, tellers: &Tellers) {
        loop {
            self.send_due(tellers).await;
            let deadline = self.ledger().deadline();
            tokio::select! {
                () = self.news.notified() => {}
                () = crate::clock::until(deadline) => {}
            }
        }
    }

    /// Sends what is left, when [`Reporter::run`] goes on no more.
    pub(crate) async fn finish(&self, tellers: &Tellers) {
        self.ledger().hurry(now());
        if tokio::time::timeout(LAST_WORDS, self.send_due(tellers)).await.is_err() {
            tracing::warn!("not all events could be sent before the end");
        }
    }

    async fn send_due(&self, tellers: &Tellers) {
        loop {
            let job = self.ledger().next(now());
            let Some(job) = job else { return };
            let outcome = self.send(tellers.of(&job.report), &job).await;
            self.ledger().answered(&job, outcome, now());
        }
    }

    async fn send(&self, client: &Client, job: &Job) -> Outcome {
        let request = match self.request(job) {
            Ok(request) => request,
            Err(error) => {
                tracing::warn!(%error, "an event makes no request, and is dropped");
                return Outcome::Refused;
            }
        };
        let error = match tokio::time::timeout(PATIENCE, client.request_text(request)).await {
            Ok(Ok(_)) => {
                self.said().answered(job, None);
                return Outcome::Sent;
            }
            Ok(Err(error)) => error,
            Err(_) => {
                self.said().unreachable(&format!("no answer within {} s", PATIENCE.as_secs()));
                return Outcome::Unreachable;
            }
        };
        match &error {
            kube::Error::Api(status) if !is_outage(&error) => {
                let outcome = match status.code {
                    409 if job.create => Outcome::Exists,
                    404 if !job.create => Outcome::Gone,
                    _ => Outcome::Refused,
                };
                self.said().answered(job, (outcome == Outcome::Refused).then_some(status));
                outcome
            }
            _ => {
                self.said().unreachable(&chain(&error));
                Outcome::Unreachable
            }
        }
    }

    fn request(&self, job: &Job) -> Result<Request<Vec<u8>>, http::Error> {
        let Report { regarding, controller, .. } = &*job.report;
        let name = event_name(&regarding.name, job.unique);
        let collection = format!("/apis/events.k8s.io/v1/namespaces/{}/events", job.namespace());
        let (method, path, content, body) = if job.create {
            ("POST", collection, "application/json", self.whole(job, &name))
        } else {
            ("PATCH", format!("{collection}/{name}"), "application/merge-patch+json", json!({ "series": series(job) }))
        };
        Request::builder()
            .method(method)
            .uri(format!("{path}?fieldManager={controller}"))
            .header(http::header::CONTENT_TYPE, content)
            .header(http::header::ACCEPT, "application/json")
            // Events go one after the other: that is their pace, and runs do not wait for them.
            .extension(Paced)
            .body(body.to_string().into_bytes())
    }

    /// The event, as it is created.
    fn whole(&self, job: &Job, name: &str) -> Value {
        let Report { regarding, controller, event } = &*job.report;
        let mut primary = json!(**regarding);
        primary["resourceVersion"] = job.version.to_string().into();
        let mut body = json!({
            "apiVersion": "events.k8s.io/v1",
            "kind": "Event",
            "metadata": { "name": name, "namespace": job.namespace() },
            "eventTime": time(job.first),
            "type": if event.warning { "Warning" } else { "Normal" },
            "reason": event.reason,
            "action": event.action,
            "note": event.note,
            "regarding": primary,
            "reportingController": **controller,
            "reportingInstance": self.instance,
        });
        if let Some(related) = &event.related {
            body["related"] = json!(related);
        }
        if job.count > 1 {
            body["series"] = series(job);
        }
        body
    }

    fn ledger(&self) -> MutexGuard<'_, Ledger> {
        self.ledger.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn said(&self) -> MutexGuard<'_, Said> {
        self.said.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Reporter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reporter").field("instance", &self.instance).finish_non_exhaustive()
    }
}

fn series(job: &Job) -> Value {
    json!({ "count": job.count, "lastObservedTime": time(job.last) })
}

/// The time of day of a moment that is not long ago.
fn time(moment: Instant) -> MicroTime {
    MicroTime(Timestamp::now() - now().saturating_duration_since(moment))
}
