//! What was logged about the sending of events, so that it is not logged again.

use std::collections::HashSet;
use std::sync::Arc;

use kube::core::Status;

use super::event::Report;
use super::ledger::Job;

/// Refusals that are remembered; afterwards they may be said again.
const MOST: usize = 256;

#[derive(Debug, Default)]
pub(super) struct Said {
    unreachable: bool,
    /// Where events are forbidden, and whether it is to create them that is.
    forbidden: Option<(String, bool)>,
    /// Other refusals: the code, whose event, and its reason.
    refused: HashSet<(u16, Arc<str>, String)>,
}

impl Said {
    /// The API server has answered.
    pub(super) fn answered(&mut self, job: &Job, refused: Option<&Status>) {
        if std::mem::take(&mut self.unreachable) {
            tracing::info!("events are sent again");
        }
        let Some(status) = refused else {
            let same = |(place, create): &mut (String, bool)| place == job.namespace() && *create == job.create;
            if self.forbidden.take_if(same).is_some() {
                tracing::info!(namespace = job.namespace(), "events are not forbidden any more");
            }
            return;
        };
        let Report { regarding, controller, event } = &*job.report;
        let (kind, namespace, name, reason) = (&regarding.kind, job.namespace(), &regarding.name, &event.reason);
        let message = &status.message;
        if is_ending(status) || !self.is_news(status.code, job) {
            tracing::debug!(kind, namespace, name, reason, message, "an event was refused, and dropped");
        } else if status.code == 403 {
            let remedy = "the operator needs `create` and `patch` on `events` in the group `events.k8s.io`";
            tracing::warn!(%controller, message, "events are forbidden, and dropped; {remedy}");
        } else {
            tracing::warn!(kind, namespace, name, reason, message, "an event was refused, and dropped");
        }
    }

    /// The API server could not be reached, or could not work.
    pub(super) fn unreachable(&mut self, error: &str) {
        if !std::mem::replace(&mut self.unreachable, true) {
            tracing::warn!(error, "events cannot be sent at present; they wait");
        }
    }

    /// Whether this refusal was not said before.
    fn is_news(&mut self, code: u16, job: &Job) -> bool {
        if code == 403 {
            let news = self.forbidden.is_none();
            self.forbidden.get_or_insert_with(|| (job.namespace().to_owned(), job.create));
            return news;
        }
        if self.refused.len() >= MOST {
            self.refused.clear();
        }
        self.refused.insert((code, job.report.controller.clone(), job.report.event.reason.clone()))
    }
}

/// Whether the namespace is going, or gone: then nothing is wrong with the event.
fn is_ending(status: &Status) -> bool {
    let causes = status.details.iter().flat_map(|details| &details.causes);
    status.code == 404 || causes.into_iter().any(|cause| cause.reason == "NamespaceTerminating")
}
