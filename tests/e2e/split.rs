//! Split handlers.

use std::collections::BTreeMap;
use std::time::Duration;

use k8s_openapi::ByteString;
use k8s_openapi::api::core::v1::{ConfigMap, Secret, ServiceAccount};
use kube::core::ObjectMeta;
use serde_json::json;
use steersman::{Action, Handled};
use tests::kinds::{Parts, Shelf, Split};
use tests::{Journal, Operating, Place, config_map, owned_by};

use crate::place;

/// Two shelves, `a` and `marker`, each with a ConfigMap, a Secret and a ServiceAccount of its name, and an operator that
/// has seen it all.
async fn begin(name: &str, parts: &Parts) -> (Place, Operating) {
    let place = place(name).await;
    for name in ["a", "marker"] {
        let owner = place.create(Shelf::of(name, &[])).await;
        let metadata = ObjectMeta { name: Some(name.into()), ..ObjectMeta::default() };
        place.create(owned_by(config_map(name, ""), &owner)).await;
        place.create(owned_by(Secret { metadata: metadata.clone(), ..Secret::default() }, &owner)).await;
        place.create(owned_by(ServiceAccount { metadata, ..ServiceAccount::default() }, &owner)).await;
    }
    let operator = Split::operator(parts.clone()).namespace(&place.namespace);
    let operating = place.operate(|manager| manager.with(operator));
    parts.journal.reaches("a reconcile: startup, 1+1", 1).await;
    parts.journal.reaches("marker reconcile: startup, 1+1", 1).await;
    parts.journal.take();
    (place, operating)
}

async fn touch_map(place: &Place, name: &str, text: &str) {
    place.patch::<ConfigMap>(name, json!({ "data": { "text": text } })).await;
}

async fn touch_secret(place: &Place, name: &str, text: &str) {
    let data = BTreeMap::from([("text", ByteString(text.as_bytes().to_vec()))]);
    place.patch::<Secret>(name, json!({ "data": data })).await;
}

async fn touch_account(place: &Place, name: &str, text: &str) {
    place.patch::<ServiceAccount>(name, json!({ "metadata": { "annotations": { "x/y": text } } })).await;
}

/// Makes changes of `a` while a run of it is going on, so that the next run has all of them for its causes.
async fn together(place: &Place, parts: &Parts, text: &str, account: bool) {
    let journal = &parts.journal;
    parts.gate.shut();
    place.patch::<Shelf>("a", json!({ "spec": { "note": text } })).await;
    journal.reaches("a reconcile: primary", 1).await;
    touch_map(place, "a", text).await;
    touch_secret(place, "a", text).await;
    if account {
        touch_account(place, "a", text).await;
        touch_account(place, "marker", text).await;
        journal.reaches("marker reconcile: service_accounts", 1).await;
    }
    // Of the same kinds and later: when the other shelf has run for both, the changes of `a` are known.
    touch_map(place, "marker", text).await;
    touch_secret(place, "marker", text).await;
    journal.reaches("marker config_maps", 1).await;
    journal.reaches("marker secrets", 1).await;
    journal.take();
    parts.gate.release();
}

#[tokio::test]
async fn a_handler_runs_for_its_secondary_and_reconcile_for_everything_else() {
    let journal = Journal::default();
    let parts = Parts::new(&journal);
    let (place, _operating) = begin("handlers", &parts).await;

    touch_map(&place, "a", "1").await;
    journal.reaches("a config_maps: config_maps, 1+1", 1).await;
    touch_secret(&place, "a", "1").await;
    journal.reaches("a secrets: secrets, 1+1", 1).await;
    touch_account(&place, "a", "1").await;
    journal.reaches("a reconcile: service_accounts, 1+1", 1).await;
    place.patch::<Shelf>("a", json!({ "spec": { "note": "1" } })).await;
    journal.reaches("a reconcile: primary, 1+1", 1).await;
    place.delete::<ConfigMap>("a").await;
    journal.reaches("a config_maps: config_maps, 0+1", 1).await;
    assert_eq!(journal.lines().len(), 5, "{:?}", journal.lines());
}

#[tokio::test]
async fn causes_that_all_have_handlers_run_them_in_the_order_of_declaration() {
    let journal = Journal::default();
    let parts = Parts::new(&journal);
    let (place, _operating) = begin("several", &parts).await;
    together(&place, &parts, "1", false).await;
    journal.reaches("a secrets", 1).await;
    touch_secret(&place, "a", "2").await;
    journal.reaches("a secrets", 2).await;
    let expected =
        ["a config_maps: config_maps, secrets, 1+1", "a secrets: config_maps, secrets, 1+1", "a secrets: secrets, 1+1"];
    assert_eq!(journal.lines(), expected);
}

#[tokio::test]
async fn one_cause_without_a_handler_runs_reconcile_alone() {
    let journal = Journal::default();
    let parts = Parts::new(&journal);
    let (place, _operating) = begin("reconcile", &parts).await;
    together(&place, &parts, "1", true).await;
    journal.reaches("a reconcile", 1).await;
    touch_secret(&place, "a", "2").await;
    journal.reaches("a secrets", 1).await;
    let expected = ["a reconcile: config_maps, secrets, service_accounts, 1+1", "a secrets: secrets, 1+1"];
    assert_eq!(journal.lines(), expected);
}

#[tokio::test]
async fn escalate_runs_reconcile_once_and_no_further_handler() {
    let journal = Journal::default();
    let parts = Parts::new(&journal);
    let (place, _operating) = begin("escalate", &parts).await;
    parts.answer(|answers| answers.config_maps = Handled::Escalate);
    together(&place, &parts, "1", false).await;
    journal.reaches("a reconcile", 1).await;
    touch_secret(&place, "a", "2").await;
    journal.reaches("a secrets: secrets, 1+1", 1).await;
    let expected = [
        "a config_maps: config_maps, secrets, 1+1",
        "a reconcile: config_maps, secrets, 1+1",
        "a secrets: secrets, 1+1",
    ];
    let lines: Vec<_> = journal.lines().into_iter().filter(|line| line.starts_with("a ")).collect();
    assert_eq!(lines, expected);
}

#[tokio::test]
async fn a_handler_brings_the_requeue_forward_and_never_loses_it() {
    let journal = Journal::default();
    let parts = Parts::new(&journal);
    let (place, _operating) = begin("requeue", &parts).await;
    // As long as the test never is; then handlers that say nothing, and one that asks for an early one.
    parts.answer(|answers| answers.reconcile = Action::requeue(Duration::from_secs(600)));
    place.patch::<Shelf>("a", json!({ "spec": { "note": "1" } })).await;
    journal.reaches("a reconcile: primary", 1).await;
    parts.answer(|answers| answers.reconcile = Action::requeue(Duration::from_secs(2)));
    place.patch::<Shelf>("a", json!({ "spec": { "note": "2" } })).await;
    journal.reaches("a reconcile: primary", 2).await;
    parts.answer(|answers| answers.reconcile = Action::requeue(Duration::from_secs(600)));
    touch_map(&place, "a", "1").await;
    journal.reaches("a config_maps", 1).await;
    // It came although a handler has run since.
    journal.reaches("a reconcile: requeue", 1).await;

    parts.answer(|answers| answers.config_maps = Handled::Requeue(Duration::from_millis(200)));
    touch_map(&place, "a", "2").await;
    journal.reaches("a reconcile: requeue", 2).await;
    touch_secret(&place, "a", "1").await;
    journal.reaches("a secrets", 1).await;
    assert_eq!(journal.count("a reconcile: requeue"), 2, "{:?}", journal.lines());
}
