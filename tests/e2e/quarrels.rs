//! Who keeps writing for no good reason is found out and slowed down.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use k8s_openapi::api::core::v1::ConfigMap;
use serde_json::json;
use steersman::Action;
use tests::kinds::{Restless, Shelf, ShelfStatus};
use tests::{Journal, config_map, data_of, eventually};

use crate::place;

#[tokio::test]
async fn a_manager_that_fights_is_named_by_its_field_and_slowed_down() {
    let place = place("fight").await;
    let journal = Journal::default();
    let operator = Shelf::stocker(&journal).namespace(&place.namespace).max_backoff(Duration::from_secs(2));
    let stats = operator.stats();
    let _operating = place.operate(|manager| manager.with(operator));
    place.started(1).await;
    place.create(Shelf::of("a", &["x"])).await;
    let repaired = async |name: &str| {
        eventually("the ConfigMap is as desired", async || {
            place.get::<ConfigMap>(name).await.is_some_and(|map| data_of(&map) == name)
        })
        .await;
    };
    repaired("x").await;
    for round in 0..8 {
        place.patch::<ConfigMap>("x", json!({ "data": { "text": format!("foreign {round}") } })).await;
        repaired("x").await;
    }
    let said = place.log.says(&["WARN", "somebody keeps changing"]).await;
    assert!(said.contains(&format!("ConfigMap {}/x", place.namespace)), "{said}");
    assert!(said.contains(".data.text is \"foreign 4\" instead of \"x\""), "{said}");
    assert_eq!(place.log.lines(&["somebody keeps changing"]).len(), 1, "told again only when the number has doubled");
    let waits = journal.lines().iter().filter(|line| line.contains("retry")).count();
    assert!(waits >= 3, "repaired after a wait, from the fifth time on: {:?}", journal.lines());
    // Another primary is none the worse for it, and peace ends it.
    place.create(Shelf::of("b", &["y"])).await;
    repaired("y").await;
    eventually("the last run has nothing to repair", async || stats.writes() == 10).await;
    assert_eq!(stats.failures(), 0);
}

#[tokio::test]
async fn runs_that_provoke_each_other_are_told_by_what_they_write() {
    let place = place("restless").await;
    let journal = Journal::default();
    let count = Arc::new(AtomicUsize::new(0));
    let operator = {
        let count = count.clone();
        Restless::by(&journal, move |_, _, cx| {
            let count = count.fetch_add(1, Ordering::Relaxed);
            async move {
                cx.apply_status(ShelfStatus { count }).await?;
                Ok(Action::await_change())
            }
        })
    };
    let _operating = place.operate(|manager| manager.with(operator.namespace(&place.namespace)));
    place.started(1).await;
    place.create(Shelf::of("a", &[])).await;
    let said = place.log.says(&["WARN", "runs provoke each other"]).await;
    assert!(said.contains(&format!("Shelf {}/a: .status.count from 2 to 3", place.namespace)), "{said}");
    assert!(said.contains("times=4"), "{said}");
    // 100 ms, 200 ms, 400 ms ..: no hot loop.
    assert!(journal.lines()[1..].iter().all(|line| line.contains("retry")), "{:?}", journal.lines());
}

#[tokio::test]
async fn a_desired_object_that_always_changes_is_told() {
    let place = place("whims").await;
    let journal = Journal::default();
    let count = Arc::new(AtomicUsize::new(0));
    let operator = Shelf::by(&journal, move |_, _, cx| {
        let count = count.fetch_add(1, Ordering::Relaxed);
        async move {
            cx.config_maps().apply(config_map("x", &count.to_string())).await?;
            Ok(if count < 120 { Action::again() } else { Action::await_change() })
        }
    });
    let _operating = place
        .operate(|manager| manager.with(operator.namespace(&place.namespace).max_backoff(Duration::from_millis(10))));
    place.started(1).await;
    place.create(Shelf::of("a", &[])).await;
    let said = place.log.says(&["WARN", "each run wants something else"]).await;
    assert!(said.contains(".data.text is \"99\" instead of \"100\""), "{said}");
}
