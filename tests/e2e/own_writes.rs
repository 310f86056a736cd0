//! What a run writes.

use k8s_openapi::api::core::v1::ConfigMap;
use kube::{Resource, ResourceExt};
use serde_json::json;
use steersman::Action;
use tests::kinds::{Guard, Guarded, Shelf, ShelfStatus, stock};
use tests::{Gate, Journal, config_map, data_of, eventually};

use crate::place;

#[tokio::test]
async fn own_writes_wake_nobody() {
    let place = place("own").await;
    let journal = Journal::default();
    let operator = Shelf::by(&journal, |shelf, _, cx| async move {
        stock(&shelf.spec, &cx.config_maps()).await?;
        cx.apply_status(ShelfStatus { count: cx.snapshot().config_maps.len() }).await?;
        Ok(Action::await_change())
    });
    let operating = place.operate(|manager| manager.with(operator.namespace(&place.namespace)));
    place.started(1).await;
    place.create(Shelf::of("a", &["x", "y", "z"])).await;
    let status = async |count: usize| {
        eventually(&format!("the status says {count}"), async || {
            place.get::<Shelf>("a").await.and_then(|shelf| shelf.status) == Some(ShelfStatus { count })
        })
        .await;
    };
    status(3).await;
    // Each of these comes after the echoes of what the runs before it have written, in the same kinds.
    place.patch::<Shelf>("a", json!({ "spec": { "maps": { "x": null, "w": "w" } } })).await;
    place.gone::<ConfigMap>("x").await;
    status(3).await;
    place.patch::<ConfigMap>("w", json!({ "data": { "text": "foreign" } })).await;
    journal.reaches("a: config_maps", 1).await;
    // An edit in the midst of a run would be answered by one more.
    place.ended(3).await;
    place.patch::<Shelf>("a", json!({ "spec": { "maps": { "y": null } } })).await;
    status(2).await;
    place.create(Shelf::of("marker", &["marker"])).await;
    eventually("the marker is there", async || place.get::<ConfigMap>("marker").await.is_some()).await;
    place.patch::<ConfigMap>("marker", json!({ "data": { "text": "foreign" } })).await;
    journal.reaches("marker: config_maps", 1).await;

    let lines: Vec<_> = journal.lines().into_iter().filter(|line| line.starts_with("a: ")).collect();
    assert_eq!(lines, ["a: primary", "a: primary", "a: config_maps", "a: primary"]);
    assert_eq!(operating.costs().reads, 0);
}

#[tokio::test]
async fn a_finalizer_wakes_nobody_either() {
    let place = place("finalizer").await;
    let guard = Guard { journal: Journal::default(), entrance: Gate::open(), exit: Gate::closed() };
    let journal = guard.journal.clone();
    let operator = Guarded::operator(guard.clone()).namespace(&place.namespace);
    let stats = operator.stats();
    let _operating = place.operate(|manager| manager.with(operator));
    place.started(1).await;
    place.create(Shelf::of("a", &["x"])).await;
    eventually("the ConfigMap is there", async || place.get::<ConfigMap>("x").await.is_some()).await;
    assert_eq!(place.get::<Shelf>("a").await.unwrap().finalizers(), ["test.steersman.dev/guarded"]);
    place.patch::<Shelf>("a", json!({ "spec": { "note": "x" } })).await;
    journal.reaches("a: primary", 2).await;
    assert_eq!(journal.lines(), ["a: primary"; 2]);

    place.delete::<Shelf>("a").await;
    journal.reaches("a cleanup: primary", 1).await;
    assert!(place.get::<ConfigMap>("x").await.is_some(), "it is there for the cleanup");
    guard.exit.release();
    place.gone::<Shelf>("a").await;
    place.create(Shelf::of("marker", &[])).await;
    journal.reaches("marker", 1).await;
    assert_eq!(journal.count("a cleanup"), 1, "{:?}", journal.lines());
    assert_eq!(stats.failures(), 0);
}

#[tokio::test]
async fn a_run_sees_its_own_writes() {
    let place = place("sees").await;
    let journal = Journal::default();
    let operator = Shelf::by(&journal, |_, seen, cx| async move {
        assert_eq!(seen.config_maps.len(), 0);
        let handle = cx.config_maps();
        let answer = handle.apply(config_map("x", "1")).await?;
        assert!(answer.uid().is_some());
        assert_eq!(cx.snapshot().config_maps.get("x").map(|map| data_of(map).to_owned()), Some("1".into()));
        handle.apply(config_map("x", "2")).await?;
        handle.apply(config_map("y", "")).await?;
        assert_eq!(data_of(cx.snapshot().config_maps.get("x").unwrap()), "2");
        assert_eq!(handle.all().len(), 2);
        assert!(handle.delete("y").await?);
        assert!(!handle.delete("y").await?, "it is gone in what the run sees");
        assert!(!handle.delete("never").await?);
        assert_eq!(cx.snapshot().config_maps.len(), 1);
        assert_eq!(seen.config_maps.len(), 0, "what the run started from does not change");
        assert!(cx.snapshot().config_maps.get("x").unwrap().meta().managed_fields.is_none());
        Ok(Action::await_change())
    });
    let stats = operator.stats();
    let _operating = place.operate(|manager| manager.with(operator.namespace(&place.namespace)));
    place.create(Shelf::of("a", &[])).await;
    eventually("the ConfigMap is as it was written last", async || {
        place.get::<ConfigMap>("x").await.is_some_and(|map| data_of(&map) == "2")
    })
    .await;
    place.gone::<ConfigMap>("y").await;
    assert_eq!((stats.failures(), journal.lines().len()), (0, 1), "{:?}", journal.lines());
}
