//! The Lease in the API server.

use std::time::Duration;

use http::{Method, Request};
use k8s_openapi::api::coordination::v1::{Lease, LeaseSpec};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::MicroTime;
use k8s_openapi::jiff::Timestamp;
use kube::Client;
use kube::core::ObjectMeta;

use super::machine::{Draft, Found, Record, Written};
use crate::api::Ungated;
use crate::error::chain;

/// Why the Lease could not be read or written.
#[derive(Debug)]
pub(super) struct Trouble {
    /// Those with the same word are said once.
    pub(super) word: &'static str,
    pub(super) text: String,
}

/// One Lease.
#[derive(Debug)]
pub(super) struct Place {
    pub(super) namespace: String,
    pub(super) name: String,
    /// How long an answer may take.
    pub(super) patience: Duration,
    /// As it was read last: what others have put into it is written back.
    last: Option<Lease>,
}

impl Place {
    pub(super) fn new(namespace: String, name: String, patience: Duration) -> Self {
        Self { namespace, name, patience, last: None }
    }

    fn collection(&self) -> String {
        format!("/apis/coordination.k8s.io/v1/namespaces/{}/leases", self.namespace)
    }

    /// The Lease; `None` if there is none.
    pub(super) async fn read(&mut self, client: &Client) -> Result<Option<Found>, Trouble> {
        let path = format!("{}/{}", self.collection(), self.name);
        match self.ask(client, Method::GET, path, None).await {
            Ok(lease) => Ok(self.take(lease)),
            Err(Asked::Api(status)) if status.code == 404 => {
                self.last = None;
                Ok(None)
            }
            Err(error) => Err(self.trouble("read", &error)),
        }
    }

    /// Writes it in the version that the draft names, or creates it.
    pub(super) async fn write(&mut self, client: &Client, draft: Draft) -> (Written, Option<Trouble>) {
        let collection = self.collection();
        let (method, path) = match draft.base {
            Some(_) => (Method::PUT, format!("{collection}/{}", self.name)),
            None => (Method::POST, collection),
        };
        let creates = draft.base.is_none();
        let body = self.body(draft);
        match self.ask(client, method, path, Some(body)).await {
            Ok(lease) => match self.take(lease) {
                Some(found) => (Written::Done(found), None),
                None => (Written::Unknown, None),
            },
            Err(Asked::Api(status)) if status.code == 409 => (Written::Outdated, None),
            Err(Asked::Api(status)) if status.code == 404 && !creates => (Written::Outdated, None),
            Err(error) => (Written::Unknown, Some(self.trouble("write", &error))),
        }
    }

    fn take(&mut self, lease: Lease) -> Option<Found> {
        let found = found(&lease);
        self.last = Some(lease);
        found
    }

    fn body(&self, Draft { base, record }: Draft) -> Lease {
        let time = |micros| Some(MicroTime(Timestamp::from_microsecond(micros).unwrap_or_default()));
        let mut lease = self.last.clone().filter(|_| base.is_some()).unwrap_or_default();
        let (uid, version) = base.unzip();
        lease.metadata = ObjectMeta {
            name: Some(self.name.clone()),
            namespace: Some(self.namespace.clone()),
            uid,
            resource_version: version,
            ..lease.metadata
        };
        // Rounded up, and what does not fit is for ever anyway.
        let seconds = record.duration.as_secs() + u64::from(record.duration.subsec_nanos() > 0);
        lease.spec = Some(LeaseSpec {
            holder_identity: Some(record.holder),
            lease_duration_seconds: Some(seconds.try_into().unwrap_or(i32::MAX)),
            acquire_time: time(record.acquired),
            renew_time: time(record.renewed),
            lease_transitions: Some(record.transitions),
            ..lease.spec.unwrap_or_default()
        });
        lease
    }

    async fn ask(&self, client: &Client, method: Method, path: String, body: Option<Lease>) -> Result<Lease, Asked> {
        let body = body.map_or(Ok(Vec::new()), |lease| serde_json::to_vec(&lease)).map_err(Asked::Json)?;
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header(http::header::CONTENT_TYPE, "application/json")
            .header(http::header::ACCEPT, "application/json")
            .extension(Ungated)
            .body(body)
            .map_err(|error| Asked::Client(kube::Error::HttpError(error)))?;
        match tokio::time::timeout(self.patience, client.request_text(request)).await {
            Ok(Ok(text)) => serde_json::from_str(&text).map_err(Asked::Json),
            Ok(Err(kube::Error::Api(status))) => Err(Asked::Api(status)),
            Ok(Err(error)) => Err(Asked::Client(error)),
            Err(_) => Err(Asked::Silence),
        }
    }

    fn trouble(&self, what: &str, error: &Asked) -> Trouble {
        let Self { namespace, name, patience, .. } = self;
        let lease = format!("the Lease {namespace}/{name}");
        let (word, text) = match error {
            Asked::Api(status) if status.code == 403 => {
                let rule = r#"`- {"apiGroups": ["coordination.k8s.io"], "resources": ["leases"], "verbs": ["get", "create", "update"]}`"#;
                let text = format!(
                    "{}; bind the operator to a Role in the namespace {namespace} with this rule: {rule}",
                    status.message
                );
                ("forbidden", text)
            }
            Asked::Api(status) if status.code == 404 => {
                ("no place", format!("{}; create the namespace, or name another one", status.message.trim()))
            }
            Asked::Api(status) => ("refused", status.message.clone()),
            Asked::Client(error) => ("unreachable", chain(error)),
            Asked::Json(error) => ("garbled", error.to_string()),
            Asked::Silence => ("silent", format!("no answer within {} s", patience.as_secs_f64())),
        };
        Trouble { word, text: format!("cannot {what} {lease}: {text}") }
    }
}

/// Why there is no Lease in the answer.
#[derive(Debug)]
enum Asked {
    Api(Box<kube::core::Status>),
    Client(kube::Error),
    Json(serde_json::Error),
    Silence,
}

/// What matters of a Lease. `None`: it has no version, so it does not come from an API server.
fn found(lease: &Lease) -> Option<Found> {
    let spec = lease.spec.clone().unwrap_or_default();
    let micros = |time: Option<MicroTime>| time.map_or(0, |time| time.0.as_microsecond());
    let record = Record {
        holder: spec.holder_identity.unwrap_or_default(),
        duration: Duration::from_secs(spec.lease_duration_seconds.unwrap_or_default().try_into().unwrap_or_default()),
        acquired: micros(spec.acquire_time),
        renewed: micros(spec.renew_time),
        transitions: spec.lease_transitions.unwrap_or_default(),
    };
    Some(Found { uid: lease.metadata.uid.clone()?, version: lease.metadata.resource_version.clone()?, record })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lease_is_written_back_with_what_others_have_put_into_it() {
        let text = r#"{"metadata":{"name":"l","namespace":"n","uid":"u","resourceVersion":"7","labels":{"a":"b"}},
            "spec":{"holderIdentity":"x","strategy":"OldestEmulationVersion","leaseDurationSeconds":30}}"#;
        let mut place = Place::new("n".into(), "l".into(), Duration::from_secs(1));
        let mut found = place.take(serde_json::from_str(text).unwrap()).unwrap();
        assert_eq!((found.record.holder.as_str(), found.record.duration), ("x", Duration::from_secs(30)));
        found.record.holder = "me".into();
        found.record.duration = Duration::from_millis(1500);
        found.record.renewed = 1_700_000_000_000_001;
        let lease = place.body(Draft { base: Some(("u".into(), "7".into())), record: found.record.clone() });
        let lease = serde_json::to_value(lease).unwrap();
        assert_eq!(lease["metadata"]["labels"]["a"], "b");
        assert_eq!((&lease["metadata"]["uid"], &lease["metadata"]["resourceVersion"]), (&"u".into(), &"7".into()));
        assert_eq!(lease["spec"]["strategy"], "OldestEmulationVersion");
        assert_eq!(lease["spec"]["holderIdentity"], "me");
        assert_eq!(lease["spec"]["leaseDurationSeconds"], 2, "rounded up");
        assert_eq!(lease["spec"]["renewTime"], "2023-11-14T22:13:20.000001Z");
        let new = serde_json::to_value(place.body(Draft { base: None, record: found.record })).unwrap();
        assert_eq!((&new["metadata"]["name"], &new["metadata"]["labels"]), (&"l".into(), &serde_json::Value::Null));
    }
}
