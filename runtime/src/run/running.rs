//! A manager at work: what is made of its settings, and the tasks that go on until it is stopped.

use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt;
use futures::stream::BoxStream;
use tokio::sync::oneshot;
use tokio::task::JoinSet;

use super::builder::Settings;
use super::engine::{Engine, Operating};
use super::manager::{Added, Manager};
use super::plan::Plan;
use crate::core::key::Key;
use crate::core::world::{OperatorId, World};
use crate::kind::KindInfo;
use crate::leader::{Leadership, elect};
use crate::operator::Declaration;
use crate::refer::Named;
use crate::rights::review;
use crate::shared::Shared;
use crate::watch::{Watch, fetch};
use crate::write::{Member, Tellers, reporting_controller};

/// A manager at work. Dropped, it ends at once.
pub(super) struct Running {
    pub(super) shared: Arc<Shared>,
    pub(super) engine: Engine,
    /// What goes on beside the runs: watches, fetches, triggers, events, the review of the rights, the port.
    background: JoinSet<()>,
    /// It goes on until everything else has ended.
    election: JoinSet<()>,
    resign: oneshot::Sender<()>,
    tellers: Tellers,
}

impl Running {
    /// Starts everything but the runs.
    pub(super) fn start(manager: Manager) -> Self {
        let rules = manager.rules();
        let Manager { client, operators, election, concurrency, .. } = manager;
        let mut world = World::default();
        let mut plan = Plan::default();
        let seed = RandomState::new().hash_one(0);
        // What a test sees must not depend on chance.
        #[cfg(feature = "testing")]
        let seed = if manager.journal.is_some() { 0 } else { seed };
        for (i, Added { settings, .. }) in operators.iter().enumerate() {
            plan.add(settings, &mut world, seed ^ i as u64);
        }
        let leadership = if election.is_some() { Leadership::contested() } else { Leadership::alone() };
        let shared = Shared::new(world, client, leadership);
        #[cfg(feature = "testing")]
        let shared = shared.watched_by(manager.journal);
        let shared = Arc::new(shared);
        let watches: Arc<[Watch]> = plan.watches().into();
        let mut background = JoinSet::new();
        let operators = operators.into_iter().enumerate().map(|(i, Added { dispatch, settings, triggers })| {
            let member = member(i, &settings, &plan, &watches, shared.clone());
            for stream in triggers {
                background.spawn(heed(stream, member.id, settings.declaration.primary.clone(), shared.clone()));
            }
            Operating { dispatch, member: Arc::new(member), timeout: settings.declaration.timeout }
        });
        let operators: Vec<Operating> = operators.collect();
        #[cfg(feature = "server")]
        if let Some(server) = manager.server {
            let members = operators.iter().map(|operating| operating.member.clone()).collect();
            background.spawn(server.serve(crate::inspect::Views::new(shared.clone(), watches.clone(), members)));
        }
        let tellers = tellers(&operators, &shared);
        for watch in watches.iter() {
            background.spawn(watch.clone().run(shared.clone()));
        }
        background.spawn(fetch(watches, shared.clone()));
        background.spawn(review(rules, shared.client.clone()));
        let (reporting, telling) = (shared.clone(), tellers.clone());
        background.spawn(async move { reporting.reporter.run(&telling).await });
        let (resign, resigns) = oneshot::channel();
        let electing = election.map(|election| elect(election, shared.clone(), resigns));
        let engine = Engine::new(shared.clone(), operators, concurrency);
        let mut election = JoinSet::new();
        electing.map(|electing| election.spawn(electing));
        Self { shared, engine, background, election, resign, tellers }
    }

    /// Runs until `stop` is ready, and ends in order: first the runs, at last the lease, which another replica takes then.
    pub(super) async fn until(self, stop: impl Future<Output = ()>, grace: Duration) {
        let Self { shared, engine, mut background, mut election, resign, tellers } = self;
        engine.run(stop, grace).await;
        background.shutdown().await;
        shared.reporter.finish(&tellers).await;
        drop(resign);
        while election.join_next().await.is_some() {}
    }
}

/// Has every primary run that the stream names.
async fn heed(mut stream: BoxStream<'static, Named>, operator: OperatorId, kind: KindInfo, shared: Arc<Shared>) {
    while let Some(Named { namespace, name }) = stream.next().await {
        let key = Key::new(namespace.as_deref().filter(|_| kind.namespaced), &name);
        if !shared.change(|world, now| world.external(operator, &key, now)) {
            tracing::debug!(kind = %kind, primary = %key, "a trigger names no primary");
        }
    }
}

/// Whose events are sent with which client.
fn tellers(operators: &[Operating], shared: &Shared) -> Tellers {
    let client = |member: &Member| (member.reporting_controller.clone(), member.api.client.clone());
    let operators = operators.iter().map(|operating| client(&operating.member)).collect();
    Tellers { operators, manager: shared.client.clone() }
}

fn member(operator: usize, settings: &Settings, plan: &Plan, watches: &[Watch], shared: Arc<Shared>) -> Member {
    let Declaration { name, primary, finalizers, secondaries, .. } = &settings.declaration;
    settings.stats.attach(&shared, OperatorId(operator));
    let asked = plan.sources(operator).iter().map(|source| watches[source.cache.0].asked.clone());
    Member {
        id: OperatorId(operator),
        name,
        field_manager: settings.field_manager.clone(),
        reporting_controller: reporting_controller(&settings.field_manager).into(),
        finalizers: *finalizers,
        kinds: std::iter::once(primary).chain(secondaries.iter().map(|s| &s.kind)).cloned().collect(),
        secondaries: secondaries.clone().into(),
        asked: asked.collect(),
        stats: settings.stats.clone(),
        error_policy: settings.error_policy.clone(),
        api: shared.api(name, settings.bucket()),
        shared,
    }
}
