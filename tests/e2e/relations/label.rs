//! `label = ".."`: objects that name the primary by a label.

use k8s_openapi::api::core::v1::ConfigMap;
use kube::ResourceExt;
use serde_json::json;
use steersman::{Action, WriteError};
use tests::fleet::{FLEET, Fleet, FleetSpec, Labelled};
use tests::{Journal, config_map, data_of, eventually};

use super::{labelled, names, note};
use crate::place;

#[tokio::test]
async fn a_label_relates_and_its_change_is_a_change() {
    let place = place("label").await;
    let (journal, seen) = (Journal::default(), Journal::default());
    let notes = seen.clone();
    let operator = Labelled::by(&journal, move |fleet, seen, _| {
        notes.note(format!("{} sees {}", fleet.name_any(), names(&seen.config_maps)).trim_end());
        async { Ok(Action::await_change()) }
    });
    place.create(Fleet::new("f", FleetSpec::default())).await;
    place.create(labelled("a", "f")).await;
    place.create(labelled("b", "later")).await;
    place.create(config_map("none", "")).await;
    let operating = place.operate(|manager| manager.with(operator.namespace(&place.namespace)));
    seen.reaches("f sees a", 1).await;
    // One that has named a primary before there was one.
    place.create(Fleet::new("later", FleetSpec::default())).await;
    seen.reaches("later sees b", 1).await;
    place.patch::<ConfigMap>("a", json!({ "data": { "text": "foreign" } })).await;
    journal.reaches("f: config_maps", 1).await;
    // From one to the other, and out of the watch.
    place.patch::<ConfigMap>("b", json!({ "metadata": { "labels": { FLEET: "f" } } })).await;
    seen.reaches("f sees a b", 1).await;
    journal.reaches("later: config_maps", 1).await;
    place.patch::<ConfigMap>("a", json!({ "metadata": { "labels": { FLEET: null } } })).await;
    seen.reaches("f sees b", 1).await;
    assert!(place.get::<ConfigMap>("a").await.is_some(), "leaving is no deletion");
    place.patch::<ConfigMap>("a", json!({ "metadata": { "labels": { FLEET: "f" } } })).await;
    seen.reaches("f sees a b", 2).await;
    // A primary made anew has what its name has.
    place.delete::<Fleet>("f").await;
    place.gone::<Fleet>("f").await;
    place.create(Fleet::new("f", FleetSpec::default())).await;
    seen.reaches("f sees a b", 3).await;
    assert_eq!(operating.costs().reads, 0);
}

#[tokio::test]
async fn what_is_written_bears_the_label_and_nothing_of_others_is_touched() {
    let place = place("labels").await;
    let journal = Journal::default();
    let errors = Journal::default();
    let said = errors.clone();
    let operator = Labelled::by(&journal, move |fleet, _, cx| {
        let said = said.clone();
        async move {
            let maps = cx.config_maps();
            maps.apply(config_map("mine", &fleet.spec.note)).await?;
            // There is one of that name already, which bears no label.
            if fleet.spec.note == "1" {
                match maps.apply(config_map("theirs", "x")).await {
                    Err(error @ WriteError::NotOurs { .. }) => said.note(error.to_string()),
                    other => said.note(format!("{other:?}")),
                }
            }
            maps.prune(["mine"]).await?;
            Ok(Action::await_change())
        }
    });
    place.create(config_map("theirs", "theirs")).await;
    // Related, and made by somebody else.
    place.create(labelled("related", "f")).await;
    place.create(Fleet::new("f", FleetSpec { note: "1".into(), ..FleetSpec::default() })).await;
    let operating = place.operate(|manager| manager.with(operator.namespace(&place.namespace)));
    errors.reaches("ConfigMap", 1).await;
    let line = errors.lines().concat();
    assert!(line.contains("/theirs exists and does not belong to Fleet"), "{line}");
    let mine = place.there::<ConfigMap>("mine").await;
    assert_eq!((mine.labels().get(FLEET).map(String::as_str), mine.owner_references().len()), (Some("f"), 0));
    assert_eq!(data_of(&place.get::<ConfigMap>("theirs").await.unwrap()), "theirs");
    assert!(place.get::<ConfigMap>("related").await.is_some(), "prune leaves alone what others have made");
    note(&place, "f", "2").await;
    let text = async || data_of(&place.get::<ConfigMap>("mine").await.unwrap()).to_owned();
    eventually("it is changed", async || text().await == "2").await;
    // Repaired, and nobody is woken by what the operator has written itself.
    journal.take();
    place.patch::<ConfigMap>("mine", json!({ "data": { "text": "foreign" } })).await;
    eventually("it is repaired", async || text().await == "2").await;
    place.patch::<ConfigMap>("related", json!({ "data": { "text": "foreign" } })).await;
    journal.reaches("f: config_maps", 2).await;
    assert_eq!(journal.lines(), ["f: config_maps", "f: config_maps"]);
    assert_eq!(operating.costs().reads, 0);
}

#[tokio::test]
async fn nothing_is_written_that_would_give_the_object_away() {
    let place = place("away").await;
    let journal = Journal::default();
    let errors = Journal::default();
    let said = errors.clone();
    let operator = Labelled::by(&journal, move |_, _, cx| {
        let said = said.clone();
        async move {
            let maps = cx.config_maps();
            let refused = maps.patch("a", json!({ "metadata": { "labels": null } })).await.unwrap_err();
            said.note(refused.to_string());
            // Named alone, it is put right.
            maps.patch("a", json!({ "metadata": { "labels": { FLEET: null, "x": "y" } } })).await?;
            Ok(Action::await_change())
        }
    });
    place.create(labelled("a", "f")).await;
    place.create(Fleet::new("f", FleetSpec::default())).await;
    let _operating = place.operate(|manager| manager.with(operator.namespace(&place.namespace)));
    errors.reaches("ConfigMap", 1).await;
    assert!(errors.lines().concat().contains("removes all labels"), "{:?}", errors.lines());
    eventually("it is patched", async || {
        let map = place.get::<ConfigMap>("a").await.unwrap();
        map.labels().get("x").is_some() && map.labels().get(FLEET).is_some_and(|fleet| fleet == "f")
    })
    .await;
}

#[tokio::test]
async fn a_name_that_is_no_label_value_is_reported() {
    let place = place("long").await;
    let journal = Journal::default();
    let errors = Journal::default();
    let said = errors.clone();
    let operator = Labelled::by(&journal, move |_, _, cx| {
        let said = said.clone();
        async move {
            let error = cx.config_maps().apply(config_map("x", "x")).await.unwrap_err();
            said.note(error.to_string());
            Ok(Action::await_change())
        }
    });
    let long = "f".repeat(64);
    place.create(Fleet::new(&long, FleetSpec::default())).await;
    let _operating = place.operate(|manager| manager.with(operator.namespace(&place.namespace)));
    errors.reaches("ConfigMap", 1).await;
    assert!(errors.lines().concat().contains("is no valid value of the label"), "{:?}", errors.lines());
    let line = place.log.says(&["WARN", "no valid value of the label"]).await;
    assert!(line.contains("#[secondary(ConfigMap, label") && line.contains(&long), "{line}");
}
