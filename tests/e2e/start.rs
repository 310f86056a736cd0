//! The first run.

use k8s_openapi::api::core::v1::{ConfigMap, Secret};
use kube::ResourceExt;
use kube::core::ObjectMeta;
use serde_json::json;
use steersman::Action;
use tests::kinds::{Mixed, Shelf};
use tests::{Journal, config_map, owned_by};

use crate::place;

fn secret(name: &str) -> Secret {
    Secret { metadata: ObjectMeta { name: Some(name.into()), ..ObjectMeta::default() }, ..Secret::default() }
}

#[tokio::test]
async fn nothing_runs_before_every_cache_is_complete_and_then_each_primary_once() {
    let place = place("complete").await;
    for shelf in ["a", "b", "c"] {
        let owner = place.create(Shelf::of(shelf, &[])).await;
        for i in 0..3 {
            place.create(owned_by(config_map(&format!("{shelf}-{i}"), ""), &owner)).await;
        }
        place.create(owned_by(secret(&format!("{shelf}-0")), &owner)).await;
    }
    place.allow("maps", &["configmaps"]).await;

    let (plain, mixed) = (Journal::default(), Journal::default());
    let seen = Journal::default();
    let all = seen.clone();
    let maps_alone = Shelf::by(&plain, |_, seen, _| async move {
        assert_eq!(seen.config_maps.len(), 3);
        Ok(Action::await_change())
    });
    let with_secrets = Mixed::by(&mixed, move |shelf, seen, _| {
        all.note(format!("{} {}+{}", shelf.name_any(), seen.config_maps.len(), seen.secrets.len()));
        async { Ok(Action::await_change()) }
    });
    let stats = (maps_alone.stats(), with_secrets.stats());
    let operating = place.operate_as_operator(|manager| {
        manager.with(maps_alone.namespace(&place.namespace)).with(with_secrets.namespace(&place.namespace))
    });

    // It says which attribute is without a right, once. The other operator goes on.
    let said = place.log.says(&["forbidden", "secrets"]).await;
    assert!(said.contains("#[secondary(Secret)] of Mixed"), "{said}");
    for shelf in ["a", "b", "c"] {
        plain.reaches(shelf, 1).await;
    }
    // Its caches of shelves and ConfigMaps are those of the other one: complete, and yet it waits.
    place.patch::<ConfigMap>("a-0", json!({ "data": { "text": "x" } })).await;
    plain.reaches("a: config_maps", 1).await;
    tokio::task::yield_now().await;
    assert_eq!(mixed.lines(), Vec::<String>::new());

    place.allow("secrets", &["secrets"]).await;
    for shelf in ["a", "b", "c"] {
        mixed.reaches(shelf, 1).await;
    }
    place.patch::<ConfigMap>("b-0", json!({ "data": { "text": "x" } })).await;
    mixed.reaches("b: config_maps", 1).await;
    let mut lines = mixed.lines();
    lines.sort();
    assert_eq!(lines, ["a: startup", "b: config_maps", "b: startup", "c: startup"]);
    assert!(seen.lines().iter().all(|line| line.ends_with("3+1")), "{:?}", seen.lines());
    assert_eq!(place.log.lines(&["WARN", "forbidden", "secrets"]).len(), 1);
    assert_eq!(place.log.lines(&["the watch works again", "Secret"]).len(), 1);
    assert_eq!((stats.0.failures(), stats.1.failures()), (0, 0));
    // One watch per kind, though two operators share two of the three; each try of the third is one more, refused.
    assert_eq!(["shelves", "configmaps", "secrets"].map(|kind| operating.watches(kind)), [1, 1, 1]);
    assert_eq!(operating.costs().reads, 0, "{:?}", operating.costs());
}

#[tokio::test]
async fn many_primaries_start_with_the_whole_picture() {
    const SHELVES: usize = 25;
    let place = place("whole").await;
    let furnish = async |i: usize| {
        let owner = place.create(Shelf::of(&format!("s-{i}"), &[])).await;
        for j in 0..i % 4 {
            place.create(owned_by(config_map(&format!("s-{i}-{j}"), ""), &owner)).await;
        }
    };
    futures::future::join_all((0..SHELVES).map(furnish)).await;

    let (journal, seen) = (Journal::default(), Journal::default());
    let notes = seen.clone();
    let operator = Shelf::by(&journal, move |shelf, seen, _| {
        notes.note(format!("{} {}", shelf.name_any(), seen.config_maps.len()));
        async { Ok(Action::await_change()) }
    });
    let operating = place.operate(|manager| manager.with(operator.namespace(&place.namespace)));
    journal.reaches("s-", SHELVES).await;
    place.create(Shelf::of("marker", &[])).await;
    journal.reaches("marker", 1).await;

    let mut lines = seen.lines();
    let mut expected: Vec<String> = (0..SHELVES).map(|i| format!("s-{i} {}", i % 4)).collect();
    expected.push("marker 0".into());
    lines.sort();
    expected.sort();
    assert_eq!(lines, expected);
    assert_eq!(journal.count("marker: primary"), 1);
    assert_eq!(journal.lines().iter().filter(|line| line.ends_with(": startup")).count(), SHELVES);
    assert_eq!(operating.costs().reads, 0);
}
