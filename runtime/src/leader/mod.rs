//! Which of several replicas works: leader election on a Lease.

mod lease;
mod machine;
mod task;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::sync::watch;

use crate::api::Gate;
use crate::error::Error;
use machine::{Lead, Times};
pub(crate) use task::elect;

/// Leader election between the replicas of an operator, on a Lease of `coordination.k8s.io/v1`.
///
/// ```
/// # fn doc(manager: steersman::Manager) -> steersman::Manager {
/// use steersman::LeaderElection;
///
/// manager.leader_election(LeaderElection::new("shop", "webapp-operator"))
/// # }
/// ```
///
/// # Guarantees
/// - A replica that does not lead keeps its watches and caches as they are in the one that does, starts no run and writes
///   nothing: not even through `cx.client()`. What asks and changes nothing goes through. A failover takes no list. A new
///   replica stands for election when its caches are complete, or one lease duration after its start.
/// - A replica that takes over from another one has each primary run once, with the trigger
///   [`Startup`](crate::Trigger::Startup): what the other's last runs saw, and whether they came to their end, nobody can tell. One
///   that takes its own Lease up again, nobody having held it meanwhile, goes on where it was.
/// - A replica that has not renewed its Lease within the *renew deadline*, counted from when the renewal was *sent*, sends no
///   write any more: that is looked at right before each write is sent, so that it holds for a process that was stopped, and on
///   Linux for a machine that slept. Its runs are cancelled, and it stands by, in the same process and with warm caches.
/// - The others leave the Lease alone until they have seen it unchanged for the *lease duration*. Both are measured by the
///   monotonic clock of the replica in question. The times of day in the Lease are for people, and those of others are never read: clocks
///   that are wrong, or jump, do no harm.
/// - When it is stopped, the manager gives the Lease up after its runs have ended and its events are sent, so that another one
///   takes over within a retry period. If runs had to be cancelled and their requests are still under way, the Lease is left to
///   run out instead.
///
/// # Assumptions
/// The monotonic clocks of two replicas go equally fast, up to the difference of lease duration and renew deadline: with 15 s and
/// 10 s, one may go 1.5 times as fast as the other. Nobody else writes the Lease.
///
/// # Caveats
/// **Time only shortens the overlap of two leaders; it does not exclude one.** A write that has been sent before the deadline may be
/// carried out after it: the runtime waits 30 s for an answer, and what lies in a buffer on the way or in the API server may land later
/// still (kube-apiserver gives a request 60 s). So no election on a Lease, this or another, is what protects the objects. That is
/// done by what each write demands: the uid and the resourceVersion that its run saw, or that the object does not exist, under a name
/// that follows from the primary. A late write of a former leader is then refused (409) wherever the new one has changed
/// anything, and otherwise it does what the new one would have done. Without such a demand are a status (its uid alone), a write after
/// three conflicts (its uid alone), [`adopt`](crate::Handle::adopt), names that the API server generates, and what is done through
/// `cx.client()` or outside of Kubernetes: what must not be done twice there needs a key of its own that makes it
/// idempotent.
///
/// A hypervisor that stops a machine without the machine's knowing stops both clocks too.
///
/// # Rights
/// `get`, `create` and `update` on `leases` in the group `coordination.k8s.io`, in the namespace of the Lease; `get` and `update`
/// can be limited to its name.
///
/// # Errors
/// [`Manager::run`](crate::Manager::run) refuses times that contradict each other: [`Error::Setting`]. A Lease that cannot be
/// read or written is said once and tried again for ever.
#[derive(Clone, Debug)]
#[must_use = "it does nothing until it is given to `Manager::leader_election`"]
pub struct LeaderElection {
    namespace: String,
    name: String,
    identity: Option<String>,
    times: Times,
}

impl LeaderElection {
    /// On the Lease with this name. Replicas that shall not work at the same time must name the same one; nothing else may.
    pub fn new(namespace: impl Into<String>, name: impl Into<String>) -> Self {
        let times =
            Times { lease: Duration::from_secs(15), renew: Duration::from_secs(10), retry: Duration::from_secs(2) };
        Self { namespace: namespace.into(), name: name.into(), identity: None, times }
    }

    /// The name under which this replica holds the Lease; by default the Pod's where `POD_NAME` says it, otherwise the host's. A
    /// random suffix is added to it, so that no two processes are ever taken for the same.
    pub fn identity(mut self, name: impl Into<String>) -> Self {
        self.identity = Some(name.into());
        self
    }

    /// How long the others leave a Lease alone that is not renewed; by default 15 s. A leader that dies is replaced after this time and up
    /// to a retry period. At least 1 s, and longer than the renew deadline. It may differ between releases: the longer one
    /// counts.
    pub fn lease_duration(mut self, time: Duration) -> Self {
        self.times.lease = time;
        self
    }

    /// How long a leader goes on without a renewal; by default 10 s. Longer than 1.2 retry periods.
    pub fn renew_deadline(mut self, time: Duration) -> Self {
        self.times.renew = time;
        self
    }

    /// The time from one renewal to the next, and ±20 % from one look of a standby at the Lease to the next; by default 2 s.
    pub fn retry_period(mut self, time: Duration) -> Self {
        self.times.retry = time;
        self
    }

    /// The namespace of the Lease.
    pub(crate) fn lease_namespace(&self) -> &str {
        &self.namespace
    }

    /// The name of the Lease.
    pub(crate) fn lease_name(&self) -> &str {
        &self.name
    }

    /// What was set and cannot be meant.
    pub(crate) fn check(&self) -> Result<(), Error> {
        let Times { lease, renew, retry } = self.times;
        let wrong = |setting, value: String, rule| {
            Err(Error::Setting { of: "the leader election".to_owned(), setting, value, rule })
        };
        let named = |setting, value: &str, rule| wrong(setting, format!("`{value}`"), rule);
        let timed = |setting, value: Duration, rule| wrong(setting, format!("{value:?}"), rule);
        if self.namespace.is_empty() {
            return named("namespace", &self.namespace, "name the namespace of the Lease");
        }
        if self.name.is_empty() {
            return named("name", &self.name, "name the Lease");
        }
        if self.identity.as_deref() == Some("") {
            return named("identity", "", "name the replica, or leave it out");
        }
        if retry.is_zero() {
            return timed("retry_period", retry, "it must be above 0, by default it is 2s");
        }
        if renew <= retry.mul_f64(1.2) {
            return timed(
                "renew_deadline",
                renew,
                "it must be longer than 1.2 times `retry_period`, by default it is 10s",
            );
        }
        if lease < Duration::from_secs(1) || lease <= renew {
            return timed(
                "lease_duration",
                lease,
                "it must be at least 1s, and longer than `renew_deadline`: a leader stops writing before another one begins; by \
                 default it is 15s",
            );
        }
        Ok(())
    }
}

/// Whether this replica leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    Standby,
    Leading {
        /// Another one each time that the lead is gained.
        term: u64,
        /// Whether another replica may have led before.
        anew: bool,
    },
}

/// What the parts of a manager know of its lead.
#[derive(Debug)]
pub(crate) struct Leadership {
    pub(crate) gate: Arc<Gate>,
    standing: watch::Sender<Standing>,
    terms: AtomicU64,
    /// Whether there is an election at all.
    elected: bool,
}

impl Leadership {
    /// Without leader election: there is nobody else.
    pub(crate) fn alone() -> Self {
        let standing = Standing::Leading { term: 0, anew: false };
        let (gate, standing) = (Arc::new(Gate::open()), watch::Sender::new(standing));
        Self { gate, standing, terms: AtomicU64::new(0), elected: false }
    }

    /// With leader election: not yet.
    pub(crate) fn contested() -> Self {
        let (gate, standing) = (Arc::new(Gate::closed()), watch::Sender::new(Standing::Standby));
        Self { gate, standing, terms: AtomicU64::new(0), elected: true }
    }

    /// Whether this replica may write now. For metrics and probes, too.
    pub(crate) fn is_leading(&self) -> bool {
        self.gate.is_open()
    }

    /// The term in which runs may begin.
    pub(crate) fn term(&self) -> Option<u64> {
        match *self.standing.borrow() {
            Standing::Leading { term, .. } if self.is_leading() => Some(term),
            _ => None,
        }
    }

    pub(crate) fn subscribe(&self) -> watch::Receiver<Standing> {
        self.standing.subscribe()
    }

    /// Waits for the end of a term.
    pub(crate) async fn ended(&self, term: u64) {
        if !self.elected {
            return std::future::pending().await;
        }
        let over = |standing: &Standing| !matches!(standing, Standing::Leading { term: now, .. } if *now == term);
        let _ = self.subscribe().wait_for(over).await;
    }

    /// Leads until then; whether it did not before.
    fn lead(&self, Lead { until, anew }: Lead) -> bool {
        self.gate.open_until(until);
        self.standing.send_if_modified(|standing| {
            let gained = *standing == Standing::Standby;
            if gained {
                let term = self.terms.fetch_add(1, Ordering::Relaxed) + 1;
                *standing = Standing::Leading { term, anew };
            }
            gained
        })
    }

    /// Leads no more; whether it did before.
    fn stand_by(&self) -> bool {
        self.gate.close();
        self.standing.send_if_modified(|standing| std::mem::replace(standing, Standing::Standby) != Standing::Standby)
    }
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
