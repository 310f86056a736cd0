//! Says once what is wrong with a watch, and once that it is over.

use std::time::{Duration, Instant};

use kube::Client;

use super::Watch;
use super::discovery::{self, Served};
use super::fault::Fault;
use crate::clock::now;

/// So often in a row a kind may not be served and yet be listed before that is said: definitions come and go gradually.
const UNCERTAIN: u32 = 4;
/// What is served instead of a kind is asked for again after this time.
const LOOK_AGAIN: Duration = Duration::from_secs(10);

/// What has been told of one watch.
pub(super) struct Teller<'a> {
    watch: &'a Watch,
    /// The namespace; all of them without one.
    scope: Option<&'a str>,
    /// The word of the fault that was told last, and what is served instead: one state, which is told once.
    told: Option<(&'static str, Option<Served>)>,
    /// What is served instead of the kind, as it was found last.
    served: Option<Served>,
    looked: Option<Instant>,
}

impl<'a> Teller<'a> {
    pub(super) fn new(watch: &'a Watch, scope: Option<&'a str>) -> Self {
        Self { watch, scope, told: None, served: None, looked: None }
    }

    /// The kind is not served, after `failures` in a row: finds out what is instead. An answer is good for a while.
    pub(super) async fn look(&mut self, client: &Client, failures: u32) -> Fault {
        let is_certain = self.served.is_some() || failures > UNCERTAIN;
        if !(is_certain && self.looked.is_some_and(|looked| now() < looked + LOOK_AGAIN)) {
            // Without an answer, the last one remains.
            self.served = discovery::look(client, &self.watch.kind).await.or_else(|| self.served.take());
            self.looked = Some(now());
        }
        // Of one namespace, nothing is served of a cluster-scoped kind.
        if self.served == Some(Served::OtherScope) { Fault::OtherScope } else { Fault::NotServed }
    }

    /// Says that the watch does not work, and why.
    pub(super) fn tell(&mut self, fault: &Fault, failures: u32) {
        if matches!(fault, Fault::Expired | Fault::NoStreamingList) || !self.is_certain(fault, failures) {
            return;
        }
        if self.is_news(fault) {
            tracing::warn!(
                kind = %self.watch.kind, attributes = %self.watch.attributes(), namespace = self.scope, state = fault.word(),
                error = %self.explain(fault),
                "the watch does not work; it is tried again"
            );
        }
    }

    /// What is wrong, as far as it is known, and what to do about it.
    pub(super) fn explain(&self, fault: &Fault) -> String {
        self.watch.explain(fault, self.served.as_ref(), self.scope)
    }

    /// The same where the kind may be missing: that it is, is nothing wrong.
    pub(super) fn tell_of_optional(&mut self, fault: &Fault, failures: u32) {
        let is_missing = matches!((fault, &self.served), (Fault::NotServed, None | Some(Served::Nothing)));
        if self.watch.is_required() || !is_missing {
            self.tell(fault, failures);
        } else if self.is_certain(fault, failures) && self.is_news(fault) {
            tracing::info!(
                kind = %self.watch.kind, attributes = %self.watch.attributes(),
                "the API server does not serve this kind, which is optional; its watch begins when it does"
            );
        }
    }

    /// Says that it works again.
    pub(super) fn works(&mut self) {
        (self.served, self.looked) = (None, None);
        if self.told.take().is_some() {
            tracing::info!(kind = %self.watch.kind, attributes = %self.watch.attributes(), "the watch works again");
        }
    }

    fn is_certain(&self, fault: &Fault, failures: u32) -> bool {
        !matches!(fault, Fault::NotServed) || self.served.is_some() || failures > UNCERTAIN
    }

    /// Whether this has not been told yet; from now on it has.
    fn is_news(&mut self, fault: &Fault) -> bool {
        let served = self.served.clone().filter(|_| matches!(fault, Fault::NotServed));
        let state = Some((fault.word(), served));
        let is_news = self.told != state;
        self.told = state;
        is_news
    }
}
