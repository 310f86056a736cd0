//! What becomes of the secondaries when a primary is deleted, in each of the three ways.

use std::sync::Arc;

use k8s_openapi::api::core::v1::ConfigMap;
use kube::ResourceExt;
use kube::api::DeleteParams;
use serde_json::json;
use steersman::{Action, Cleanup, Stats, WriteError};
use tests::kinds::{Guard, Guarded, GuardedContext, GuardedReconciler, GuardedSnapshot, Shelf, stock};
use tests::{Gate, Journal, Operating, Place, config_map, data_of, eventually};

use crate::place;

const FOREIGN: &str = "somebody.dev/keep";
const OURS: &str = "test.steersman.dev/guarded";

/// Deletes a shelf in one of the three ways.
async fn delete(place: &Place, name: &str, how: DeleteParams) {
    place.api::<Shelf>().delete(name, &how).await.expect("the shelf can be deleted");
}

/// Writes of this ConfigMap by the operator so far.
fn writes(operating: &Operating, name: &str) -> usize {
    let requests = operating.requests();
    requests.iter().filter(|r| r.resource == "configmaps" && r.name == name && r.verb != "watch").count()
}

/// Each way of deletion has been dealt with when a change that came later has made a run.
async fn later(place: &Place, journal: &Journal) {
    place.create(Shelf::of("later", &["later"])).await;
    place.there::<ConfigMap>("later").await;
    place.delete::<ConfigMap>("later").await;
    journal.reaches("later: config_maps", 1).await;
}

async fn orphaned(place: &Place, name: &str) -> ConfigMap {
    let orphan = async || place.get::<ConfigMap>(name).await.filter(|map| map.owner_references().is_empty());
    tests::found(&format!("{name} has no owner"), orphan).await
}

#[tokio::test]
async fn without_a_finalizer_deletion_is_the_garbage_collectors_business() {
    let place = place("collected").await;
    let journal = Journal::default();
    let operator = Shelf::stocker(&journal).namespace(&place.namespace);
    let stats = operator.stats();
    let operating = place.operate(|manager| manager.with(operator));
    place.started(1).await;
    for (name, maps) in [("back", ["b1", "b2"]), ("front", ["f1", "f2"]), ("none", ["o1", "o2"]), ("held", ["h", "h2"])]
    {
        place.create(Shelf::of(name, &maps)).await;
    }
    place.ended(4).await;
    delete(&place, "back", DeleteParams::background()).await;
    delete(&place, "front", DeleteParams::foreground()).await;
    delete(&place, "none", DeleteParams::orphan()).await;
    for name in ["back", "front", "none"] {
        place.gone::<Shelf>(name).await;
    }
    for name in ["b1", "b2", "f1", "f2"] {
        place.gone::<ConfigMap>(name).await;
    }
    let left = orphaned(&place, "o1").await;
    orphaned(&place, "o2").await;
    // What somebody holds up holds its owner up, and concerns nobody else.
    place.patch::<ConfigMap>("h", json!({ "metadata": { "finalizers": [FOREIGN] } })).await;
    journal.reaches("held: ", 2).await;
    delete(&place, "held", DeleteParams::foreground()).await;
    eventually("the ConfigMap is being deleted", async || {
        place.get::<ConfigMap>("h").await.is_some_and(|map| map.metadata.deletion_timestamp.is_some())
    })
    .await;
    place.patch::<ConfigMap>("h", json!({ "data": { "text": "changed" } })).await;
    // An orphan is nobody's: neither its change nor its end matters.
    place.patch::<ConfigMap>("o2", json!({ "data": { "text": "changed" } })).await;
    place.delete::<ConfigMap>("o2").await;
    later(&place, &journal).await;
    assert!(place.get::<Shelf>("held").await.is_some());
    place.patch::<ConfigMap>("h", json!({ "metadata": { "finalizers": null } })).await;
    place.gone::<Shelf>("held").await;
    let runs = ["back", "front", "none", "held"].map(|name| journal.count(name));
    assert_eq!(runs, [1, 1, 1, 2], "{:?}", journal.lines());
    for name in ["b1", "b2", "f1", "f2", "o1", "o2", "h"] {
        assert_eq!(writes(&operating, name), 1, "{name} was created");
        assert!(name == "o1" || place.get::<ConfigMap>(name).await.is_none(), "{name}");
    }
    assert_eq!((stats.failures(), operating.costs().reads), (0, 0));

    // Nor is it taken over by another shelf of the same name.
    place.create(Shelf::of("none", &["o1"])).await;
    place.log.says(&["WARN", "o1 exists and does not belong to"]).await;
    let still = place.get::<ConfigMap>("o1").await.unwrap();
    assert_eq!(still.resource_version(), left.resource_version());
}

/// A shelf `a` with the ConfigMap `x`, whose operator has a finalizer, and whose cleanup waits.
async fn guarded(place: &Place) -> (Operating, Guard, Stats) {
    let guard = Guard { journal: Journal::default(), entrance: Gate::open(), exit: Gate::closed() };
    let operator = Guarded::operator(guard.clone()).namespace(&place.namespace);
    let stats = operator.stats();
    let operating = place.operate(|manager| manager.with(operator));
    place.started(1).await;
    place.create(Shelf::of("a", &["x"])).await;
    place.ended(1).await;
    (operating, guard, stats)
}

/// Has the cleanup of `a` begun, end and leave nothing behind that would still make a run.
async fn clean_up(place: &Place, guard: &Guard) {
    guard.journal.reaches("a cleanup", 1).await;
    guard.exit.release();
    place.gone::<Shelf>("a").await;
    later(place, &guard.journal).await;
    let lines = guard.journal.lines();
    assert_eq!((guard.journal.count("a: "), guard.journal.count("a cleanup")), (1, 1), "{lines:?}");
}

#[tokio::test]
async fn in_a_background_deletion_the_secondaries_outlive_the_cleanup() {
    let place = place("background").await;
    let (operating, guard, stats) = guarded(&place).await;
    delete(&place, "a", DeleteParams::background()).await;
    guard.journal.reaches("a cleanup", 1).await;
    later(&place, &guard.journal).await;
    assert!(place.get::<ConfigMap>("x").await.is_some_and(|map| map.metadata.deletion_timestamp.is_none()));
    guard.exit.release();
    place.gone::<Shelf>("a").await;
    place.gone::<ConfigMap>("x").await;
    assert_eq!((writes(&operating, "x"), stats.failures()), (1, 0));
}

#[tokio::test]
async fn in_a_foreground_deletion_the_secondaries_go_during_the_cleanup() {
    let place = place("foreground").await;
    let (operating, guard, stats) = guarded(&place).await;
    delete(&place, "a", DeleteParams::foreground()).await;
    guard.journal.reaches("a cleanup", 1).await;
    place.gone::<ConfigMap>("x").await;
    let waiting = place.get::<Shelf>("a").await.unwrap();
    assert!(waiting.finalizers().iter().any(|name| name == OURS), "{:?}", waiting.finalizers());
    clean_up(&place, &guard).await;
    assert!(place.get::<ConfigMap>("x").await.is_none());
    assert_eq!((writes(&operating, "x"), stats.failures()), (1, 0));
}

#[tokio::test]
async fn in_an_orphaning_deletion_the_secondaries_are_let_go_before_the_cleanup_ends() {
    let place = place("orphan").await;
    let (operating, guard, stats) = guarded(&place).await;
    delete(&place, "a", DeleteParams::orphan()).await;
    let left = orphaned(&place, "x").await;
    clean_up(&place, &guard).await;
    let still = place.get::<ConfigMap>("x").await.unwrap();
    assert_eq!(still.resource_version(), left.resource_version());
    assert_eq!((writes(&operating, "x"), stats.failures()), (1, 0));
}

#[tokio::test]
async fn a_run_that_the_deletion_overtakes_creates_nothing_more() {
    let place = place("overtaken").await;
    let guard = Guard { journal: Journal::default(), entrance: Gate::open(), exit: Gate::closed() };
    let journal = guard.journal.clone();
    let operator = Guarded::operator(guard.clone()).namespace(&place.namespace);
    let stats = operator.stats();
    let operating = place.operate(|manager| manager.with(operator));
    place.started(1).await;
    let ways = [DeleteParams::background(), DeleteParams::foreground(), DeleteParams::orphan()];
    let shelves: Vec<_> = ["back", "front", "none"].into_iter().zip(ways).collect();
    for (name, _) in &shelves {
        place.create(Shelf::of(name, &[&format!("{name}-old")])).await;
    }
    place.ended(3).await;
    guard.entrance.shut();
    for (name, how) in shelves {
        let maps = json!({ format!("{name}-old"): "changed", format!("{name}-new"): "new" });
        place.patch::<Shelf>(name, json!({ "spec": { "maps": maps } })).await;
        journal.reaches(&format!("{name}: "), 2).await;
        delete(&place, name, how).await;
    }
    place.gone::<ConfigMap>("front-old").await;
    let left = orphaned(&place, "none-old").await;
    // The operator has seen a primary that is younger than the deletions, and so the deletions.
    place.create(Shelf::of("younger", &[])).await;
    journal.reaches("younger: ", 1).await;
    guard.entrance.release();
    for name in ["back", "front", "none"] {
        journal.reaches(&format!("{name} cleanup"), 1).await;
        place.log.says(&["INFO", "the run ends", &format!("/{name}-new was not written")]).await;
    }
    guard.exit.release();
    for name in ["back", "front", "none"] {
        place.gone::<Shelf>(name).await;
        assert_eq!((journal.count(&format!("{name}: ")), journal.count(&format!("{name} cleanup"))), (2, 1));
        let (old, new) = (writes(&operating, &format!("{name}-old")), writes(&operating, &format!("{name}-new")));
        assert_eq!((old, new), (1, 0), "{name}");
    }
    place.gone::<ConfigMap>("back-old").await;
    let still = place.get::<ConfigMap>("none-old").await.unwrap();
    assert_eq!((still.resource_version(), data_of(&still)), (left.resource_version(), "none-old"));
    assert!(place.log.lines(&["WARN"]).is_empty());
    assert_eq!(stats.failures(), 0);
}

/// Deletes all ConfigMaps in its cleanup, which ends when they are gone, but for one that it creates then.
struct Tidy(Journal);

impl GuardedReconciler for Tidy {
    type Error = WriteError;

    async fn reconcile(&self, shelf: Arc<Shelf>, _: GuardedSnapshot, cx: GuardedContext) -> Result<Action, WriteError> {
        self.0.note(format!("{}: {}", shelf.name_any(), cx.triggers()));
        stock(&shelf.spec, &cx.config_maps()).await?;
        Ok(Action::await_change())
    }

    async fn cleanup(&self, shelf: Arc<Shelf>, _: GuardedSnapshot, cx: GuardedContext) -> Result<Cleanup, WriteError> {
        self.0.note(format!("{} cleanup: {}", shelf.name_any(), cx.triggers()));
        cx.config_maps().apply(config_map("minutes", "")).await?;
        cx.config_maps().prune(["minutes"]).await?;
        Ok(if cx.snapshot().config_maps.len() == 1 { Cleanup::Done } else { Cleanup::AwaitChange })
    }
}

#[tokio::test]
async fn a_cleanup_deletes_secondaries_and_waits_for_their_end() {
    let place = place("tidy").await;
    let journal = Journal::default();
    let operator = Guarded::operator(Tidy(journal.clone())).namespace(&place.namespace);
    let stats = operator.stats();
    let operating = place.operate(|manager| manager.with(operator));
    place.started(1).await;
    place.create(Shelf::of("a", &["free", "held"])).await;
    place.ended(1).await;
    place.patch::<ConfigMap>("held", json!({ "metadata": { "finalizers": [FOREIGN] } })).await;
    journal.reaches("a: config_maps", 1).await;
    delete(&place, "a", DeleteParams::background()).await;
    place.gone::<ConfigMap>("free").await;
    place.create(Shelf::of("later", &[])).await;
    journal.reaches("later: primary", 1).await;
    assert!(place.get::<Shelf>("a").await.is_some(), "its cleanup waits");
    assert!(place.get::<ConfigMap>("minutes").await.is_some());
    place.patch::<ConfigMap>("held", json!({ "metadata": { "finalizers": null } })).await;
    place.gone::<Shelf>("a").await;
    assert!(place.get::<ConfigMap>("held").await.is_none());
    place.gone::<ConfigMap>("minutes").await;
    assert_eq!((writes(&operating, "free"), writes(&operating, "held")), (2, 2));
    assert_eq!((stats.failures(), operating.costs().reads), (0, 0));
}
