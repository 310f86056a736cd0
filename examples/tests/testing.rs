//! The flagship, tested without a cluster: a complete test file for the [testing page](../../runtime/docs/guide/testing.md).
#![forbid(unsafe_code)]

use std::sync::Arc;
use std::time::Duration;

use examples::webapp::api::{WebApp, WebAppReconciler, WebAppSnapshot, WebAppSpec, readiness};
use examples::webapp::controller::Controller;
use examples::webapp::desired;
use k8s_openapi::api::apps::v1::{Deployment, DeploymentStatus};
use k8s_openapi::api::core::v1::{ConfigMap, Service};
use steersman::testing::{ApiServer, Cost, Fault, Simulation, TestRun, Verb};
use steersman::{Action, Handled};

/// How long the flagship waits for further changes of a Deployment that its controller has observed.
const DEBOUNCE: Duration = Duration::from_millis(300);

/// A web application of two replicas.
fn web() -> WebApp {
    let mut web =
        WebApp::new("web", WebAppSpec { image: "nginx:1.27".into(), replicas: 2, port: 80, tier: None, files: None });
    web.metadata.namespace = Some("default".into());
    web
}

/// What the Deployment controller says once so many replicas are ready.
fn ready(deployment: &mut Deployment, replicas: i32) {
    let status = deployment.status.get_or_insert_with(DeploymentStatus::default);
    status.observed_generation = deployment.metadata.generation;
    status.replicas = Some(replicas);
    status.updated_replicas = Some(replicas);
    status.ready_replicas = Some(replicas);
}

/// A simulation of the flagship with one web application that is ready.
async fn settled() -> Simulation {
    let sim = Simulation::start(WebApp::operator(Controller)).await;
    sim.add(web());
    sim.settle().await;
    sim.change("default/web", |deployment| ready(deployment, 2));
    sim.advance(DEBOUNCE).await;
    assert!(sim.get::<WebApp>("default/web").unwrap().status.as_ref().unwrap().ready);
    sim.checkpoint();
    sim
}

#[tokio::test(start_paused = true)]
async fn it_is_created_becomes_ready_and_is_left_alone() {
    let sim = Simulation::start(WebApp::operator(Controller)).await;
    sim.assert_requests(Cost::default());
    sim.add(web());
    sim.settle().await;
    // The finalizer, two ConfigMaps, the Deployment, the Service. None of them wakes the operator that has made them.
    sim.assert_triggers("default/web", &["primary"]);
    sim.assert_requests(Cost { reads: 0, writes: 5 });
    sim.assert_unprovoked();

    sim.checkpoint();
    sim.change("default/web", |deployment| ready(deployment, 1));
    sim.change("default/web", |deployment| ready(deployment, 2));
    sim.settle().await;
    sim.assert_runs("default/web", 0);
    sim.advance(DEBOUNCE).await;
    sim.assert_triggers("default/web", &["deployment"]);
    sim.assert_requests(Cost { reads: 0, writes: 1 });
    let status = sim.get::<WebApp>("default/web").unwrap().status.clone().unwrap();
    assert_eq!((status.ready, status.ready_replicas, status.observed_generation), (true, 2, 1));

    sim.checkpoint();
    sim.advance(Duration::from_secs(10 * 60)).await;
    sim.assert_runs("default/web", 0);
    sim.assert_requests(Cost::default());
}

#[tokio::test(start_paused = true)]
async fn what_others_break_is_repaired() {
    let sim = settled().await;
    sim.delete::<Service>("default/web");
    sim.settle().await;
    sim.assert_triggers("default/web", &["service"]);
    sim.assert_requests(Cost { reads: 0, writes: 1 });
    assert!(sim.get::<Service>("default/web").is_some());

    sim.checkpoint();
    sim.change("default/web", |deployment: &mut Deployment| deployment.spec.replicas = Some(7));
    sim.change("default/web", |deployment| ready(deployment, 2));
    sim.advance(DEBOUNCE).await;
    // The handler sees that this is more than it knows, and escalates.
    sim.assert_triggers("default/web", &["deployment"]);
    assert_eq!(sim.get::<Deployment>("default/web").unwrap().spec.replicas, Some(2));
}

#[tokio::test(start_paused = true)]
async fn an_annotation_wakes_nobody_however_late_it_is_observed() {
    let sim = settled().await;
    sim.change("default/web", |deployment: &mut Deployment| {
        deployment.metadata.annotations = Some([("note".into(), "seen".into())].into());
    });
    // Until then it might be a rollout.
    sim.advance(Duration::from_secs(2)).await;
    sim.change("default/web", |deployment| ready(deployment, 2));
    sim.advance(Duration::from_secs(10)).await;
    sim.assert_runs("default/web", 0);

    // Where the Deployment controller is silent, the status says so in the end.
    sim.change("default/web", |deployment: &mut Deployment| deployment.metadata.annotations = None);
    sim.advance(Duration::from_secs(3)).await;
    sim.assert_triggers("default/web", &["deployment"]);
    assert!(!sim.get::<WebApp>("default/web").unwrap().status.as_ref().unwrap().ready);
}

#[tokio::test(start_paused = true)]
async fn what_nobody_reads_wakes_nobody() {
    let sim = settled().await;
    sim.assert_woke_nobody(|api| {
        api.change("default/web", |deployment: &mut Deployment| {
            deployment.metadata.annotations = Some([("note".into(), "seen".into())].into());
        });
        // Its generation moves with that, and the Deployment controller says that it has observed it.
        api.change("default/web", |deployment| ready(deployment, 2));
        api.add(ConfigMap { metadata: web().metadata, ..ConfigMap::default() });
        api.relist();
    })
    .await;
    sim.assert_requests(Cost::default());
}

#[tokio::test(start_paused = true)]
async fn a_delete_that_no_watch_has_shown_is_noticed() {
    let sim = settled().await;
    sim.unwatched(|api| api.delete::<ConfigMap>("default/web-env"));
    sim.settle().await;
    sim.assert_triggers("default/web", &["config_maps"]);
    assert!(sim.get::<ConfigMap>("default/web-env").is_some());
    sim.assert_requests(Cost { reads: 0, writes: 1 });
}

#[tokio::test(start_paused = true)]
async fn a_conflict_is_decided_again_and_a_refusal_is_tried_again() {
    let sim = settled().await;
    // Somebody is faster: the apply meets another version than the run has seen.
    sim.fail(Fault::race(|api| {
        let label = ("touched".to_owned(), "yes".to_owned());
        api.change("default/web-env", |map: &mut ConfigMap| {
            map.metadata.labels.get_or_insert_default().extend([label])
        });
    }));
    sim.change("default/web", |app: &mut WebApp| app.spec.port = 8080);
    sim.settle().await;
    let sent: Vec<Option<u16>> = sim.requests().iter().map(|request| request.code).collect();
    assert!(sent.contains(&Some(409)), "{}", sim.story());
    assert_eq!(sim.get::<ConfigMap>("default/web-env").unwrap().data.as_ref().unwrap()["PORT"], "8080");

    sim.checkpoint();
    sim.fail_next(Verb::Apply, 409);
    sim.delete::<Service>("default/web");
    sim.settle().await;
    sim.advance(Duration::from_secs(5)).await;
    assert!(sim.get::<Service>("default/web").is_some(), "{}", sim.story());

    sim.checkpoint();
    sim.fail(Fault::status(500).verb(Verb::Apply).on::<Service>().times(2));
    sim.delete::<Service>("default/web");
    sim.advance(Duration::from_secs(30)).await;
    assert!(sim.get::<Service>("default/web").is_some(), "{}", sim.story());
    assert_eq!(sim.requests().iter().filter(|request| request.code == Some(500)).count(), 2, "{}", sim.story());
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_is_lost_is_made_up_for() {
    let sim = settled().await;
    sim.fail(Fault::lost_answer().verb(Verb::Apply).on::<Service>());
    sim.delete::<Service>("default/web");
    sim.advance(Duration::from_secs(10)).await;
    assert!(sim.get::<Service>("default/web").is_some());
    sim.checkpoint();
    sim.advance(Duration::from_secs(60)).await;
    sim.assert_requests(Cost::default());
}

#[tokio::test(start_paused = true)]
async fn a_restart_writes_nothing() {
    let sim = settled().await;
    let api = sim.api().clone();
    sim.stop().await;
    let sim = Simulation::on(&api, |manager| manager.with(WebApp::operator(Controller))).await;
    sim.assert_triggers("default/web", &["startup"]);
    sim.assert_requests(Cost::default());
}

#[tokio::test(start_paused = true)]
async fn it_is_cleaned_up_and_gone_with_all_that_it_owned() {
    let sim = settled().await;
    sim.delete::<WebApp>("default/web");
    sim.settle().await;
    assert!(sim.get::<WebApp>("default/web").is_none(), "{}", sim.story());
    assert!(
        sim.list::<Deployment>().is_empty() && sim.list::<ConfigMap>().is_empty() && sim.list::<Service>().is_empty()
    );
    sim.assert_requests(Cost { reads: 0, writes: 1 });
}

#[tokio::test(start_paused = true)]
async fn what_is_wrong_is_told_with_all_that_happened() {
    let sim = settled().await;
    sim.delete::<Service>("default/web");
    sim.settle().await;
    let asserts = std::panic::AssertUnwindSafe(|| sim.assert_runs("default/web", 0));
    let said = *std::panic::catch_unwind(asserts).unwrap_err().downcast::<String>().unwrap();
    assert!(said.starts_with("default/web is to have 0 runs and had 1\nwhat has happened:\n"), "{said}");
    assert!(said.contains("WebApp default/web: reconcile by service: success"), "{said}");
    assert!(said.contains("apply services default/web -> 201"), "{said}");
}

/// One run, called here: what it writes and answers, whatever would follow from that.
#[tokio::test]
async fn a_run_applies_what_is_desired() -> Result<(), steersman::BoxError> {
    let api = ApiServer::new();
    api.add(web());
    let run = TestRun::begin(&api, WebApp::operator(Controller), "default/web").await;
    let action = Controller.reconcile(run.primary(), run.snapshot(), run.context()).await?;
    assert_eq!(action, Action::await_change());
    let sent: Vec<ConfigMap> = api.requests().iter().filter_map(|request| request.sent()).collect();
    assert_eq!(sent.len(), 2);
    let owner = &api.get::<Service>("default/web").unwrap().metadata.owner_references.clone().unwrap()[0];
    assert_eq!(owner.controller, Some(true));
    assert!(run.snapshot().deployment.is_some(), "what it has applied, it sees");
    Ok(())
}

#[tokio::test]
async fn the_handler_reports_what_is_ready_and_escalates_what_is_not_as_desired() -> Result<(), steersman::BoxError> {
    let api = ApiServer::new();
    let app = api.add(web());
    let mut deployment = desired::deployment(&app);
    ready(&mut deployment, 2);
    api.add_owned(&*app, deployment);
    let run = TestRun::begin(&api, WebApp::operator(Controller), "default/web").await;
    assert_eq!(run.handle("deployment").await?, Handled::Done);
    api.assert_requests(Cost { reads: 0, writes: 1 });
    assert_eq!(api.get::<WebApp>("default/web").unwrap().status.as_ref().unwrap().ready_replicas, 2);

    // A snapshot by hand says something else.
    let mut other = desired::deployment(&app);
    other.spec.replicas = Some(5);
    let seen = WebAppSnapshot { deployment: Some(Arc::new(other)), ..WebAppSnapshot::default() };
    assert_eq!(Controller.reconcile_deployment(app, seen, run.context()).await?, Handled::Escalate);
    Ok(())
}

#[test]
fn a_snapshot_is_plain_data() {
    let mut deployment = desired::deployment(&web());
    ready(&mut deployment, 2);
    let seen = WebAppSnapshot {
        deployment: Some(Arc::new(deployment)),
        config_maps: desired::config_maps(&web()).into_iter().collect(),
        ..WebAppSnapshot::default()
    };
    assert_eq!(readiness(seen.deployment.as_deref().unwrap()).0, 2);
    assert_eq!(seen.config_maps.get("web-env").unwrap().data.as_ref().unwrap()["PORT"], "80");
    assert!(seen.service.is_none());
}

/// The runs with their requests, of several applications with whom much goes wrong.
fn story() -> String {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
    runtime.block_on(async {
        let sim = Simulation::start(WebApp::operator(Controller)).await;
        for name in ["a", "b", "c"] {
            let mut app = web();
            app.metadata.name = Some(name.into());
            sim.add(app);
        }
        sim.fail(Fault::status(500).verb(Verb::Apply).times(5));
        sim.fail(Fault::lost_answer().verb(Verb::Patch));
        sim.advance(Duration::from_secs(60)).await;
        sim.unwatched(|api| api.delete::<Service>("default/b"));
        sim.change("default/c", |deployment| ready(deployment, 2));
        sim.advance(Duration::from_secs(2 * 60 * 60)).await;
        let story = sim.story();
        // In which order watches begin is by chance, and means nothing.
        story.split("asked by nobody's run").next().unwrap().to_owned()
    })
}

#[test]
fn the_same_test_has_the_same_story() {
    let first = story();
    assert!(first.lines().count() > 40, "{first}");
    for _ in 0..5 {
        assert_eq!(story(), first);
    }
}
