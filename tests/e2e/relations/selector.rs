//! `selector = ".."`, of secondaries and of primaries.

use k8s_openapi::api::core::v1::ConfigMap;
use kube::ResourceExt;
use serde_json::json;
use steersman::Action;
use tests::fleet::{Chosen, Fleet, FleetSpec, Narrowed, Selected, Taken};
use tests::{Journal, config_map, owned_by};

use super::names;
use crate::place;

#[tokio::test]
async fn what_is_not_selected_is_not_seen_and_cannot_be_written() {
    let place = place("selector").await;
    let (journal, seen, errors) = (Journal::default(), Journal::default(), Journal::default());
    let (notes, said) = (seen.clone(), errors.clone());
    let operator = Selected::by(&journal, move |fleet, seen, cx| {
        notes.note(format!("{} sees {}", fleet.name_any(), names(&seen.config_maps)).trim_end());
        let said = said.clone();
        async move {
            let mut map = config_map("web", "x");
            if let Err(error) = cx.config_maps().apply(map.clone()).await {
                said.note(error.to_string());
            }
            map.metadata.labels = Some([("tier".to_owned(), "web".to_owned())].into());
            cx.config_maps().apply(map).await?;
            Ok(Action::await_change())
        }
    });
    let fleet = place.create(Fleet::new("f", FleetSpec::default())).await;
    place.create(owned_by(config_map("unselected", ""), &fleet)).await;
    let operating = place.operate(|manager| manager.with(operator.namespace(&place.namespace)));
    errors.reaches("ConfigMap", 1).await;
    assert!(errors.lines().concat().contains("do not match the declared `selector"), "{:?}", errors.lines());
    place.there::<ConfigMap>("web").await;
    // It leaves the selector: that is no deletion, but the run no longer sees it.
    place.patch::<ConfigMap>("web", json!({ "metadata": { "labels": { "hidden": "" } } })).await;
    journal.reaches("f: config_maps", 1).await;
    seen.reaches("f sees", 2).await;
    assert!(place.get::<ConfigMap>("web").await.is_some());
    // What it cannot see is none of its own.
    place.log.says(&["WARN", "/web exists and does not belong to"]).await;
    place.patch::<ConfigMap>("web", json!({ "metadata": { "labels": { "hidden": null } } })).await;
    seen.reaches("f sees web", 1).await;
    assert_eq!(operating.costs().reads, 0);
}

#[tokio::test]
async fn a_field_selector_narrows_the_watch() {
    let place = place("fields").await;
    let (journal, seen, errors) = (Journal::default(), Journal::default(), Journal::default());
    let (notes, said) = (seen.clone(), errors.clone());
    let operator = Narrowed::by(&journal, move |_, seen, cx| {
        notes.note(names(&seen.config_maps));
        let said = said.clone();
        async move {
            said.note(cx.config_maps().apply(config_map("hidden", "x")).await.unwrap_err().to_string());
            Ok(Action::await_change())
        }
    });
    let fleet = place.create(Fleet::new("f", FleetSpec::default())).await;
    for name in ["a", "hidden", "z"] {
        place.create(owned_by(config_map(name, ""), &fleet)).await;
    }
    let operating = place.operate(|manager| manager.with(operator.namespace(&place.namespace)));
    seen.reaches("a z", 1).await;
    errors.reaches("ConfigMap", 1).await;
    assert!(errors.lines().concat().contains("does not match the declared `fields"), "{:?}", errors.lines());
    place.patch::<ConfigMap>("hidden", json!({ "data": { "text": "1" } })).await;
    place.patch::<ConfigMap>("a", json!({ "data": { "text": "1" } })).await;
    seen.reaches("a z", 2).await;
    assert_eq!((journal.lines().len(), operating.costs().reads), (2, 0));
}

/// A primary that comes into the selector has its children, though they have been there for long.
#[tokio::test]
async fn primaries_come_into_their_selector_with_their_children() {
    let place = place("chosen").await;
    let (journal, seen) = (Journal::default(), Journal::default());
    let notes = seen.clone();
    let operator = Chosen::by(&journal, move |fleet, seen, cx| {
        let all = cx.primaries().len();
        notes.note(format!("{} of {all} sees {}", fleet.name_any(), names(&seen.config_maps)).trim_end());
        async { Ok(Action::await_change()) }
    });
    let fleet = place.create(Fleet::new("f", FleetSpec::default())).await;
    for name in ["a", "b"] {
        place.create(owned_by(config_map(name, ""), &fleet)).await;
    }
    let mut watched = Fleet::new("g", FleetSpec::default());
    watched.metadata.labels = Some([("watched".to_owned(), "yes".to_owned())].into());
    place.create(watched).await;
    let operating = place.operate(|manager| manager.with(operator.namespace(&place.namespace)));
    seen.reaches("g of 1 sees", 1).await;
    place.patch::<Fleet>("f", json!({ "metadata": { "labels": { "watched": "yes" } } })).await;
    seen.reaches("f of 2 sees a b", 1).await;
    assert_eq!(operating.requests().iter().filter(|request| request.verb == "get").count(), 2);
    place.patch::<Fleet>("f", json!({ "metadata": { "labels": { "watched": null } } })).await;
    place.patch::<ConfigMap>("a", json!({ "data": { "text": "1" } })).await;
    place.patch::<Fleet>("f", json!({ "metadata": { "labels": { "watched": "yes" } } })).await;
    seen.reaches("f of 2 sees a b", 2).await;
    assert!(place.get::<ConfigMap>("a").await.is_some() && place.get::<ConfigMap>("b").await.is_some());
    assert_eq!(seen.lines().len(), 3, "{:?}", seen.lines());
}

/// What the filter of primaries refuses does not exist to the operator, and comes with its children when it passes.
#[tokio::test]
async fn primaries_pass_their_filter_with_their_children() {
    let place = place("taken").await;
    let (journal, seen) = (Journal::default(), Journal::default());
    let notes = seen.clone();
    let operator = Taken::by(&journal, move |fleet, seen, cx| {
        let all = cx.primaries().len();
        notes.note(format!("{} of {all} sees {}", fleet.name_any(), names(&seen.config_maps)).trim_end());
        async { Ok(Action::await_change()) }
    });
    let fleet = place.create(Fleet::new("f", FleetSpec::default())).await;
    place.create(owned_by(config_map("a", ""), &fleet)).await;
    let mine = FleetSpec { note: "mine".to_owned(), ..FleetSpec::default() };
    place.create(Fleet::new("g", mine)).await;
    let operating = place.operate(|manager| manager.with(operator.namespace(&place.namespace)));
    seen.reaches("g of 1 sees", 1).await;
    // A change of one that is refused wakes nobody.
    place.patch::<Fleet>("f", json!({ "spec": { "replicas": 3 } })).await;
    place.patch::<Fleet>("f", json!({ "spec": { "note": "mine" } })).await;
    seen.reaches("f of 2 sees a", 1).await;
    assert_eq!(operating.requests().iter().filter(|request| request.verb == "get").count(), 1);
    place.patch::<Fleet>("f", json!({ "spec": { "note": "theirs" } })).await;
    place.patch::<ConfigMap>("a", json!({ "data": { "text": "2" } })).await;
    place.patch::<Fleet>("f", json!({ "spec": { "note": "mine" } })).await;
    seen.reaches("f of 2 sees a", 2).await;
    assert_eq!(seen.lines().len(), 3, "{:?}", seen.lines());
}
