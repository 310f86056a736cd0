//! Requests, counted.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use rustc_hash::FxBuildHasher;

use super::target::Target;

/// The upper bounds of the durations' buckets, in seconds: those of client-go's `rest_client_request_duration_seconds`.
pub(crate) const BOUNDS: [f64; 12] = [0.005, 0.025, 0.1, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 15.0, 30.0, 60.0];

/// What requests are told apart by.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct RequestLabels {
    /// The operator, by its name; `manager` for watches, fetches, reviews and the lease.
    pub(crate) client: &'static str,
    /// `get`, `list`, `watch`, `create`, `update`, `patch` (an apply, too), `delete`, `deletecollection`.
    pub(crate) verb: &'static str,
    /// `deployments.apps`, `configmaps`; empty for what is no resource.
    pub(crate) resource: String,
    pub(crate) subresource: String,
    /// The status of the answer; `None` where none came, or nobody waited for it.
    pub(crate) code: Option<u16>,
}

/// Requests with the same labels.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Counted {
    pub(crate) count: u64,
    /// How long they took, until the head of the answer, together.
    pub(crate) time: Duration,
    /// How many took at most as long as each of [`BOUNDS`], and longer than the bound before; at the end, the others.
    pub(crate) buckets: [u64; BOUNDS.len() + 1],
}

/// All requests of a manager.
#[derive(Debug, Default)]
pub(crate) struct Requests(Mutex<HashMap<RequestLabels, Counted, FxBuildHasher>>);

impl Requests {
    pub(super) fn count(&self, client: &'static str, target: &Target<'_>, code: Option<u16>, time: Duration) {
        let (verb, resource, subresource) = (target.verb, target.resource(), target.subresource.to_owned());
        let labels = RequestLabels { client, verb, resource, subresource, code };
        let bucket = BOUNDS.iter().position(|bound| time.as_secs_f64() <= *bound).unwrap_or(BOUNDS.len());
        let mut requests = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let counted = requests.entry(labels).or_default();
        counted.count += 1;
        counted.time += time;
        counted.buckets[bucket] += 1;
    }

    /// What there was so far, in the order of the labels.
    #[cfg_attr(not(feature = "server"), allow(dead_code, reason = "only the metrics read it"))]
    pub(crate) fn snapshot(&self) -> Vec<(RequestLabels, Counted)> {
        let requests = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut all: Vec<_> = requests.iter().map(|(labels, counted)| (labels.clone(), counted.clone())).collect();
        drop(requests);
        all.sort_by(|(a, _), (b, _)| a.cmp(b));
        all
    }
}
