//! A manager that a test drives.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use super::manager::{Added, Manager};
use super::running::Running;
use crate::core::inspect::PrimaryView;
use crate::core::key::Key;
use crate::core::world::{OperatorId, World};
use crate::error::Error;
use crate::operator::Operator;
use crate::shared::Shared;
use crate::testing::Journal;
use crate::write::{Run, RunState};
use crate::{BoxError, OperatorBuilder};

/// So long a test waits for its primary, in real time if need be.
const PATIENCE: Duration = Duration::from_secs(10);

/// A whole manager at work.
pub(crate) struct Driven {
    shared: Arc<Shared>,
    operators: usize,
    stop: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

impl Driven {
    pub(crate) fn start(manager: Manager, journal: Arc<Journal>) -> Result<Self, Error> {
        manager.check()?;
        let (operators, grace) = (manager.operators.len(), manager.grace);
        let running = Running::start(Manager { journal: Some(journal), ..manager });
        let shared = running.shared.clone();
        let (stop, stopped) = oneshot::channel();
        let stopped = async {
            let _ = stopped.await;
        };
        let task = tokio::spawn(running.until(stopped, grace));
        Ok(Self { shared, operators, stop, task })
    }

    /// Whether a run goes on, or one is to begin now, or as soon as all is known that it needs.
    pub(crate) fn is_busy(&self) -> bool {
        let leads = self.shared.leadership.term().is_some();
        let world = self.shared.world();
        self.each().any(|operator| {
            let view = world.operator_view(operator);
            let waiting = leads && view.turns.depth.iter().sum::<usize>() > 0;
            !view.started || view.running > 0 || view.held > 0 || waiting
        })
    }

    /// The primaries that are to run because of a change, now or at the end of a wait for further ones.
    pub(crate) fn woken(&self) -> Vec<String> {
        let world = self.shared.world();
        let of = |operator| world.primaries_from(operator, 0, (u32::MAX, usize::MAX), None).0;
        let primaries = self.each().flat_map(of);
        let is_due = |primary: &PrimaryView| primary.times.debounce.is_some() || primary.times.state == "waiting";
        // What is taken back before its turn comes has woken nobody.
        let differs = |primary: &PrimaryView| primary.prints.iter().any(|(current, seen)| Some(*current) != *seen);
        primaries.filter(|primary| is_due(primary) && differs(primary)).map(|primary| primary.key.to_string()).collect()
    }

    fn each(&self) -> impl Iterator<Item = OperatorId> + use<> {
        (0..self.operators).map(OperatorId)
    }

    /// Stops as at a SIGTERM.
    pub(crate) async fn stop(self) {
        let Self { stop, task, .. } = self;
        drop(stop);
        if let Err(error) = task.await
            && let Ok(panic) = error.try_into_panic()
        {
            std::panic::resume_unwind(panic);
        }
    }

    /// Ends at once, as at a SIGKILL.
    pub(crate) fn kill(&self) {
        self.task.abort();
    }
}

/// One run that the engine has not started: everything else is at work.
pub(crate) struct Begun<O: Operator> {
    pub(crate) operator: Arc<O>,
    pub(crate) state: Arc<RunState>,
    _running: Running,
}

/// What the methods of a reconciler are called with.
pub(crate) type Arguments<O> = (Arc<<O as Operator>::Primary>, <O as Operator>::Snapshot, <O as Operator>::Context);

impl<O: Operator> Begun<O> {
    /// The run with which the primary of this name begins.
    pub(crate) async fn new(
        client: kube::Client,
        builder: OperatorBuilder<O>,
        key: &Key,
        journal: Arc<Journal>,
    ) -> Result<Self, BoxError> {
        let OperatorBuilder { operator, settings, .. } = builder;
        let operator = Arc::new(operator);
        let added = Added { dispatch: operator.clone(), settings, triggers: Vec::new() };
        let manager = Manager { journal: Some(journal), ..Manager::new(client).with_added(added) };
        manager.check()?;
        let running = Running::start(manager);
        let (shared, id) = (running.shared.clone(), OperatorId(0));
        let started = |world: &World| world.is_started(id).then_some(());
        shared.wait_for(PATIENCE, started).await.ok_or("the operator's caches are not complete within 10 s")?;
        let known = |world: &World| world.view_of(id, 0, key).is_some();
        if !known(&shared.world()) {
            return Err(format!("there is no primary {key}; add it to the API server first").into());
        }
        let idle = |world: &World| (world.operator_view(id).held == 0).then_some(());
        shared.wait_for(PATIENCE, idle).await.ok_or("what the primary refers to cannot be fetched within 10 s")?;
        while let Some(ticket) = shared.pop(id) {
            if ticket.sight.view().primary.key == *key {
                let member = running.engine.member(0);
                let state = RunState::new(member, ticket.id, ticket.task, ticket.triggers, ticket.sight);
                state.note_begin();
                return Ok(Self { operator, state: Arc::new(state), _running: running });
            }
        }
        Err(format!("{key} has no run to begin with; it waits for an object that is being fetched").into())
    }

    /// What the run sees by now.
    pub(crate) fn arguments(&self) -> Arguments<O> {
        let view = self.state.sight().view().clone();
        let primary = view.primary.object().cloned().expect("the primary is of its operator's type");
        (primary, O::snapshot(&view), O::context(Run(self.state.clone())))
    }

    /// The place of a secondary among those declared.
    pub(crate) fn secondary(&self, name: &str) -> Option<usize> {
        self.state.member.secondaries.iter().position(|secondary| secondary.name == name)
    }
}
