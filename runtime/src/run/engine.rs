//! Starts runs when they are due, keeps them apart, and ends them.

use std::any::Any;
use std::collections::HashMap;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures::FutureExt;
use tokio::task::{Id, JoinError, JoinSet};
use tracing::Instrument;

use super::dispatch::Dispatch;
use crate::clock::until;
use crate::core::fingerprint::PRIMARY;
use crate::core::places::Places;
use crate::core::world::{OperatorId, Outcome, Ticket, World};
use crate::leader::Standing;
use crate::shared::Shared;
use crate::stats::RunResult;
use crate::write::{Account, Member, RunState};

/// So many runs in a row that make another one follow by what they write themselves are worth a word.
const PROVOCATIONS: u32 = 4;

/// One operator, as the engine runs it.
pub(crate) struct Operating {
    pub(crate) dispatch: Arc<dyn Dispatch>,
    pub(crate) member: Arc<Member>,
    pub(crate) timeout: Duration,
}

/// All operators of a manager.
pub(crate) struct Engine {
    shared: Arc<Shared>,
    operators: Vec<Operating>,
    tasks: JoinSet<Outcome>,
    /// The run of each task; what a panic leaves of it.
    runs: HashMap<Id, (Arc<RunState>, crate::core::key::Uid)>,
    places: Places,
}

impl Engine {
    /// `places`: how many runs of all operators may go on at the same time.
    pub(crate) fn new(shared: Arc<Shared>, operators: Vec<Operating>, places: usize) -> Self {
        let places = Places::new(operators.len(), places);
        Self { shared, operators, tasks: JoinSet::new(), runs: HashMap::new(), places }
    }

    /// What runs need to know of one of the operators.
    #[cfg(feature = "testing")]
    pub(super) fn member(&self, operator: usize) -> Arc<Member> {
        self.operators[operator].member.clone()
    }

    /// Runs until `stop` is ready, then waits for the runs in progress, at most `grace`.
    pub(crate) async fn run(mut self, stop: impl Future<Output = ()>, grace: Duration) {
        tokio::pin!(stop);
        let mut standing = self.shared.leadership.subscribe();
        loop {
            self.shared.pulse.beat();
            let deadline = self.start_due();
            tokio::select! {
                () = &mut stop => break,
                Ok(()) = standing.changed() => {
                    let now = *standing.borrow_and_update();
                    self.handed(now);
                }
                () = self.shared.due.notified() => {}
                Some(joined) = self.tasks.join_next_with_id() => self.ended(joined),
                () = until(deadline) => {}
            }
        }
        self.shared.pulse.stop();
        self.drain(grace).await;
    }

    /// The lead has come or gone. What another replica has done since this one led, its runs have not seen.
    fn handed(&self, standing: Standing) {
        if let Standing::Leading { anew: true, .. } = standing {
            self.shared.change(World::restart);
        }
    }

    /// Starts every run that may begin now; returns when to look again.
    fn start_due(&mut self) -> Option<Instant> {
        let term = self.shared.leadership.term()?;
        while let Some(ticket) = self.places.next(|operator| self.shared.pop(OperatorId(operator))) {
            self.start(ticket, term);
        }
        if self.places.is_full() {
            return None;
        }
        let world = self.shared.world();
        (0..self.operators.len()).filter_map(|operator| world.deadline(OperatorId(operator))).min()
    }

    fn start(&mut self, ticket: Ticket, term: u64) {
        let Ticket { operator, id, uid, task, triggers, failures, sight } = ticket;
        let Operating { dispatch, member, timeout } = &self.operators[operator.0];
        member.stats.run(&triggers);
        let run = Arc::new(RunState::new(member.clone(), id, task, triggers, sight));
        #[cfg(feature = "testing")]
        run.note_begin();
        let primary = run.primary();
        let span = tracing::info_span!(
            "reconcile", operator = member.name, kind = %member.kinds[PRIMARY].kind, primary = %primary.key,
            triggers = %run.triggers, task = ?run.task, uid = %uid, failures
        );
        let work = limited(dispatch.clone().dispatch(run.clone()), run.clone(), *timeout, term);
        let task = self.tasks.spawn(work.instrument(span));
        self.runs.insert(task.id(), (run, uid));
    }

    fn ended(&mut self, joined: Result<(Id, Outcome), JoinError>) {
        let (id, outcome) = match joined {
            Ok((id, outcome)) => (id, outcome),
            // A panic ends within `limited`; this is a task that was cancelled from outside.
            Err(error) => (error.id(), Outcome::Failed),
        };
        let Some((run, uid)) = self.runs.remove(&id) else { return };
        self.places.ended(run.member.id.0);
        let poisonings = {
            let sight = run.sight();
            let (ran, provoker) = run.account(&sight);
            #[cfg(feature = "testing")]
            run.note_end(&sight, &ran);
            self.shared.change(|world, now| {
                world.remember(run.member.id, run.id, uid, &ran, provoker);
                world.finish(run.member.id, run.id, &sight, uid, outcome, now)
            })
        };
        if poisonings >= PROVOCATIONS && poisonings.is_power_of_two() {
            run.member.stats.counters().loops.add();
            run.tell_of_provocation(poisonings);
        }
    }

    /// Lets the runs in progress come to their end; what is still going on after `grace` is cancelled.
    async fn drain(mut self, grace: Duration) {
        if self.tasks.is_empty() {
            return;
        }
        tracing::info!(runs = self.tasks.len(), "stopping; waiting for the runs in progress");
        let ended = async {
            while let Some(joined) = self.tasks.join_next_with_id().await {
                self.ended(joined);
            }
        };
        if tokio::time::timeout(grace, ended).await.is_err() {
            self.runs.values().for_each(|(run, _)| drop(run.end(RunResult::Cancelled)));
            tracing::warn!(runs = self.tasks.len(), "cancelled the runs that did not end in time");
        }
    }
}

/// A run that may take as long as its operator allows, and as this replica leads.
async fn limited(work: impl Future<Output = Outcome>, run: Arc<RunState>, timeout: Duration, term: u64) -> Outcome {
    tracing::debug!("begins");
    // A block of its own: the run's future, and with it the requests that it has not awaited, must be gone before the wait.
    let outcome = {
        let work = AssertUnwindSafe(work).catch_unwind();
        let work = tokio::time::timeout(timeout, work);
        let ended = tokio::select! {
            ended = work => Some(ended),
            () = run.member.shared.leadership.ended(term) => None,
        };
        match ended {
            None => {
                let Account { result, seconds, writes, skipped, .. } = run.end(RunResult::Cancelled);
                tracing::info!(
                    %result, duration_seconds = seconds, writes, skipped,
                    "the run is cancelled; this replica does not lead any more"
                );
                Outcome::Unreachable { after: Duration::ZERO }
            }
            Some(Ok(Ok(outcome))) => {
                let Account { result, seconds, writes, skipped, provoked_by } = run.end(result(outcome));
                tracing::debug!(%result, duration_seconds = seconds, writes, skipped, provoked_by, "ended");
                outcome
            }
            Some(Ok(Err(panic))) => {
                run.member.stats.failure();
                let Account { result, seconds, writes, skipped, .. } = run.end(RunResult::Panic);
                tracing::error!(
                    %result, duration_seconds = seconds, writes, skipped, panic = message(&*panic),
                    "the run panicked; it is tried again"
                );
                Outcome::Failed
            }
            Some(Err(_)) => {
                run.member.stats.failure();
                let Account { result, writes, skipped, .. } = run.end(RunResult::Timeout);
                let seconds = timeout.as_secs_f64();
                tracing::error!(
                    %result, seconds, writes, skipped, "the run took longer than its `timeout`; it is tried again"
                );
                Outcome::Failed
            }
        }
    };
    run.settled().await;
    outcome
}

/// The word for an outcome.
fn result(outcome: Outcome) -> RunResult {
    match outcome {
        Outcome::Done { requeue: None } | Outcome::Handled { requeue: None } => RunResult::Success,
        Outcome::Done { requeue: Some(Duration::ZERO) } => RunResult::Again,
        Outcome::Done { .. } | Outcome::Handled { .. } => RunResult::Requeue,
        Outcome::Failed | Outcome::FailedFor { .. } => RunResult::Error,
        Outcome::Unreachable { .. } => RunResult::Unreachable,
        Outcome::Terminal => RunResult::Terminal,
    }
}

/// What a panic said.
fn message(panic: &(dyn Any + Send)) -> &str {
    match (panic.downcast_ref::<String>(), panic.downcast_ref::<&str>()) {
        (Some(text), _) => text,
        (_, Some(text)) => text,
        _ => "no message",
    }
}
