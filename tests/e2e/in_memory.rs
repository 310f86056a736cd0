//! The API server in memory, which users test with, beside the real one.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use k8s_openapi::api::core::v1::Secret;
use kube::api::{DynamicObject, Patch, PatchParams};
use kube::{Api, Client};
use serde_json::{Value, json};
use steersman::testing::{ApiServer, Clock, Cost, Simulation};
use steersman::{Action, BoxError};
use tests::fleet::{Fleet, Hopeful};
use tests::kinds::{Comet, Shelf};
use tests::{Journal, config_map};

use crate::manifests::{Case, cases};
use crate::place;
use crate::round_trip::{Applier, Everything, resource};

const MANAGER: &str = "twin";

#[tokio::test(start_paused = true)]
async fn what_is_applied_again_is_not_sent() {
    let wanted = Arc::new(Mutex::new(cases()));
    let operator = || Everything::operator(Applier { wanted: wanted.clone(), journal: Journal::default() });
    let sim = Simulation::start(operator()).await;
    sim.add(Shelf::of("a", &[]));
    sim.settle().await;
    sim.assert_runs("default/a", 1);
    sim.assert_requests(Cost { reads: 0, writes: cases().len() });
    let api = sim.api().clone();
    sim.stop().await;
    api.checkpoint();
    let sim = Simulation::on(&api, |manager| manager.with(operator())).await;
    sim.assert_runs("default/a", 1);
    sim.assert_requests(Cost::default());
}

/// What one API server makes of an apply: the entry of the manager.
async fn entry(client: Client, namespace: &str, case: &Case, manifest: &Value) -> Value {
    let resource = resource(case.kind);
    let mut manifest = manifest.clone();
    manifest["apiVersion"] = resource.api_version.clone().into();
    manifest["kind"] = resource.kind.clone().into();
    let api = Api::<DynamicObject>::namespaced_with(client, namespace, &resource);
    let params = PatchParams::apply(MANAGER).force();
    let applied = api.patch(case.name, &params, &Patch::Apply(&manifest)).await;
    let applied = applied.unwrap_or_else(|error| panic!("{} {}: {error}", case.kind, case.name));
    let entries = applied.metadata.managed_fields.unwrap_or_default();
    let entry = entries.into_iter().find(|entry| entry.manager.as_deref() == Some(MANAGER));
    entry.and_then(|entry| entry.fields_v1).map_or(json!(null), |fields| fields.0)
}

/// A label more is applied, and then no more. Of a custom resource, the API server in memory does not know the definition, by which
/// its lists are merged.
#[tokio::test]
async fn the_same_fields_are_managed() {
    let place = place("twins").await;
    let api = ApiServer::new();
    let mut differences = Vec::new();
    for case in cases().into_iter().filter(|case| case.kind != "Palette") {
        let mut without = case.manifest.clone();
        without["metadata"]["labels"] = json!({ "app": "web" });
        for manifest in [&case.manifest, &without] {
            let real = entry(place.client.clone(), &place.namespace, &case, manifest).await;
            let twin = entry(api.client(), &place.namespace, &case, manifest).await;
            if real != twin {
                differences.push(format!("{} {}\nreal   {real}\nmemory {twin}", case.kind, case.name));
            }
        }
    }
    assert!(differences.is_empty(), "{}", differences.join("\n\n"));
}

fn done() -> std::future::Ready<Result<Action, BoxError>> {
    std::future::ready(Ok(Action::await_change()))
}

#[tokio::test(start_paused = true)]
async fn what_comes_to_be_referred_to_is_fetched_once() {
    let operator = Fleet::by(&Journal::default(), |_, _, _| done());
    let sim = Simulation::start(operator).await;
    for name in ["a", "b"] {
        sim.add(Secret { metadata: config_map(name, "").metadata, ..Secret::default() });
    }
    sim.settle().await;
    sim.add(Fleet::with_secret("fleet", "a"));
    sim.settle().await;
    sim.assert_requests(Cost { reads: 1, writes: 0 });
    sim.checkpoint();
    sim.assert_woke_nobody(|api| api.delete::<Secret>("b")).await;
    sim.change("a", |secret: &mut Secret| secret.type_ = Some("other".into()));
    sim.settle().await;
    sim.assert_triggers("fleet", &["tls"]);
    sim.assert_requests(Cost::default());
}

#[tokio::test(start_paused = true)]
async fn a_kind_that_is_missing_comes_and_goes() {
    let journal = Journal::default();
    let notes = journal.clone();
    let operator = Hopeful::by(&journal, move |_, seen, _| {
        notes.note(format!("served: {}", seen.comets.is_served()));
        done()
    });
    let api = ApiServer::new();
    api.unserve::<Comet>();
    api.add(Shelf::of("a", &[]));
    let sim = Simulation::on(&api, |manager| manager.with(operator)).await;
    sim.assert_triggers("a", &["startup"]);
    sim.serve::<Comet>();
    sim.advance(Duration::from_secs(90)).await;
    sim.unserve::<Comet>();
    sim.advance(Duration::from_secs(90)).await;
    sim.assert_triggers("a", &["startup", "comets", "comets"]);
    let served: Vec<String> = journal.lines().into_iter().filter(|line| line.starts_with("served")).collect();
    assert_eq!(served, ["served: false", "served: true", "served: false"]);
}

#[tokio::test(start_paused = true)]
async fn time_passes_as_the_test_says() {
    let clock = Clock::default();
    let at = Arc::new(Mutex::new(Vec::new()));
    let times = at.clone();
    let operator = Shelf::by(&Journal::default(), move |_, _, _| {
        times.lock().unwrap().push(clock.elapsed().as_secs());
        std::future::ready(Ok(Action::requeue(Duration::from_secs(3600))))
    });
    let sim = Simulation::on(&ApiServer::with_clock(clock), |manager| manager.with(operator)).await;
    sim.add(Shelf::of("a", &[]));
    sim.settle().await;
    sim.advance(Duration::from_secs(2 * 3600)).await;
    let by_time: Vec<_> = sim.runs().iter().map(|run| run.triggers.to_string()).collect();
    assert_eq!(at.lock().unwrap().first(), Some(&0));
    // The resync of half an hour, more or less, and the requeue, which each run puts off.
    assert!(by_time.len() > 3 && by_time[1..].iter().all(|by| by == "resync" || by == "requeue"), "{}", sim.story());
    sim.assert_requests(Cost::default());
}
