//! Carries out what the machine decides, and tells the rest of the manager.

use std::hash::{BuildHasher, RandomState};
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt;
use k8s_openapi::jiff::Timestamp;
use tokio::sync::oneshot;

use super::LeaderElection;
use super::lease::{Place, Trouble};
use super::machine::{Machine, Step, Written};
use crate::clock::{now, until};
use crate::shared::Shared;
use crate::write::reporting_instance;

/// How long the writes of cancelled runs may take to be answered before the Lease is given up.
const LAST_ANSWERS: Duration = Duration::from_secs(1);
/// How long giving it up may take.
const FAREWELL: Duration = Duration::from_secs(2);
/// How often it is tried, if somebody writes the Lease meanwhile.
const FAREWELLS: usize = 3;

/// Takes part in an election until `resign` is told or dropped, then gives the Lease up.
pub(crate) async fn elect(election: LeaderElection, shared: Arc<Shared>, resign: oneshot::Receiver<()>) {
    let identity = identity(election.identity.as_deref());
    tracing::info!(
        lease = %format_args!("{}/{}", election.namespace, election.name), identity,
        "takes part in the leader election"
    );
    let mut electing = Electing::new(election, shared, identity);
    tokio::select! {
        () = electing.run_for_ever() => {}
        _ = resign => {}
    }
    electing.resign().await;
}

/// With a suffix that no other process has.
fn identity(name: Option<&str>) -> String {
    let name = name.map_or_else(reporting_instance, str::to_owned);
    format!("{name}_{:016x}", RandomState::new().hash_one(std::process::id()))
}

/// The time of day, in microseconds.
fn wall() -> i64 {
    Timestamp::now().as_microsecond()
}

struct Electing {
    machine: Machine,
    place: Place,
    shared: Arc<Shared>,
    identity: String,
    /// Who led, as it was said last.
    said: Option<String>,
    trouble: Option<&'static str>,
    /// How long it waits for warm caches at first.
    warmth: Duration,
    /// A write was not answered: the Lease may be ours without our knowing.
    unsure: bool,
}

impl Electing {
    fn new(election: LeaderElection, shared: Arc<Shared>, identity: String) -> Self {
        let LeaderElection { namespace, name, times, .. } = election;
        let machine = Machine::new(identity.clone(), times, RandomState::new().hash_one(1), now());
        // So that there is time for another try before the deadline.
        let place = Place::new(namespace, name, times.renew / 2);
        Self { machine, place, shared, identity, said: None, trouble: None, warmth: times.lease, unsure: false }
    }

    async fn run_for_ever(&mut self) {
        // Who cannot work yet must not keep others from it. But if all are in trouble with a watch, one of them has to lead.
        self.shared.wait_for(self.warmth, |world| world.has_started().then_some(())).await;
        loop {
            if AssertUnwindSafe(self.run()).catch_unwind().await.is_err() {
                tracing::error!("the leader election panicked; it goes on");
                self.settle();
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
        }
    }

    async fn run(&mut self) {
        loop {
            let step = self.machine.step(now(), wall());
            self.settle();
            match step {
                Step::Wait(at) => {
                    let end = self.machine.lead(now()).map(|lead| lead.until);
                    until(Some(end.map_or(at, |end| end.min(at)))).await;
                }
                Step::Look => {
                    let shared = self.shared.clone();
                    let read = self.place.read(&shared.client);
                    match under(&mut self.machine, &shared, read).await {
                        Ok(found) => {
                            self.unsure = false;
                            self.machine.looked(found, now());
                        }
                        Err(trouble) => {
                            self.machine.failed(now());
                            self.tell(trouble);
                        }
                    }
                }
                Step::Write(draft) => {
                    let (shared, sent) = (self.shared.clone(), now());
                    self.unsure = true;
                    let write = self.place.write(&shared.client, draft);
                    let (written, trouble) = under(&mut self.machine, &shared, write).await;
                    self.unsure = written == Written::Unknown;
                    self.machine.wrote(sent, written, now());
                    if let Some(trouble) = trouble {
                        self.tell(trouble);
                    }
                }
            }
            self.settle();
        }
    }

    /// Tells everybody what the machine knows.
    fn settle(&mut self) {
        let lease = format!("{}/{}", self.place.namespace, self.place.name);
        let holder = self.machine.holder();
        match self.machine.lead(now()) {
            Some(lead) => {
                if self.shared.leadership.lead(lead) {
                    tracing::info!(lease, identity = self.identity, anew = lead.anew, "this replica leads");
                }
                self.trouble = None;
            }
            None => {
                if self.shared.leadership.stand_by() {
                    let holder = holder.unwrap_or_default();
                    tracing::warn!(
                        lease,
                        holder,
                        "this replica leads no more; it stands by, and its runs are cancelled"
                    );
                }
            }
        }
        let news = holder.filter(|holder| self.said.as_deref() != Some(holder)).map(str::to_owned);
        if let Some(holder) = news {
            if holder != self.identity {
                tracing::info!(lease, holder, "another replica leads; this one stands by");
            }
            self.said = Some(holder);
        }
    }

    fn tell(&mut self, Trouble { word, text }: Trouble) {
        if self.trouble.replace(word) != Some(word) {
            tracing::warn!(error = %text, "the leader election does not work; it is tried again");
        }
    }

    /// Gives the Lease up, if it is ours and nothing that we have sent can still land.
    async fn resign(mut self) {
        self.shared.leadership.stand_by();
        let mine = self.machine.holder() == Some(&self.identity);
        if !mine && !self.unsure {
            return;
        }
        let lease = format!("{}/{}", self.place.namespace, self.place.name);
        if tokio::time::timeout(LAST_ANSWERS, self.shared.leadership.gate.quiet()).await.is_err() {
            tracing::warn!(lease, "writes are not answered; the lease is left to run out");
            return;
        }
        match tokio::time::timeout(FAREWELL, self.give_up()).await {
            Ok(true) => tracing::info!(lease, "the lease has been given up"),
            Ok(false) => tracing::debug!(lease, "the lease is not ours any more"),
            Err(_) => tracing::warn!(lease, "the lease could not be given up in time; it runs out"),
        }
    }

    async fn give_up(&mut self) -> bool {
        let client = self.shared.client.clone();
        for _ in 0..FAREWELLS {
            match self.place.read(&client).await {
                Ok(Some(found)) if self.machine.is_mine(&found) => {
                    let draft = self.machine.release(&found, wall());
                    if matches!(self.place.write(&client, draft).await, (Written::Done(_), _)) {
                        return true;
                    }
                }
                Ok(_) => return false,
                Err(_) => {}
            }
        }
        false
    }
}

/// Waits for an answer. If the lead ends meanwhile, everybody is told at once.
async fn under<T>(machine: &mut Machine, shared: &Shared, answer: impl Future<Output = T>) -> T {
    tokio::pin!(answer);
    loop {
        let end = machine.lead(now()).map(|lead| lead.until);
        tokio::select! {
            biased;
            answer = &mut answer => return answer,
            () = until(end) => {
                if shared.leadership.stand_by() {
                    tracing::warn!("the lease could not be renewed in time; this replica leads no more and stands by, and its runs are cancelled");
                }
            }
        }
    }
}
