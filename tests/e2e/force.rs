//! Fields that several managers want.

use std::time::Duration;

use k8s_openapi::api::core::v1::ConfigMap;
use kube::ResourceExt;
use kube::api::{Patch, PatchParams};
use serde_json::{Value, json};
use steersman::{Action, WriteError};
use tests::kinds::{Shelf, Yielding, stock};
use tests::{Journal, Place, config_map, data_of, eventually};

use crate::place;

/// Another manager applies the ConfigMap `x` with this body, by force.
async fn intrude(place: &Place, mut body: Value) {
    body["apiVersion"] = "v1".into();
    body["kind"] = "ConfigMap".into();
    let apply = PatchParams::apply("intruder").force();
    place.api::<ConfigMap>().patch("x", &apply, &Patch::Apply(body)).await.expect("it is taken by force");
}

/// An editor changes the text of the ConfigMap `x`.
async fn edit(place: &Place, text: Value) {
    let editor = PatchParams { field_manager: Some("editor".into()), ..PatchParams::default() };
    let patch = Patch::Merge(json!({ "data": { "text": text } }));
    place.api::<ConfigMap>().patch("x", &editor, &patch).await.expect("it is changed");
}

async fn says(place: &Place, text: &str) {
    eventually(&format!("the ConfigMap says {text}"), async || {
        place.get::<ConfigMap>("x").await.is_some_and(|map| data_of(&map) == text)
    })
    .await;
}

/// Who has a say in the text of the ConfigMap `x`.
async fn owners(place: &Place) -> Vec<String> {
    let map = place.get::<ConfigMap>("x").await.expect("it is there");
    let owns = |fields: &Value| fields["f:data"].get("f:text").is_some();
    let entries = map.managed_fields().iter();
    let owners = entries.filter(|entry| entry.fields_v1.as_ref().is_some_and(|fields| owns(&fields.0)));
    owners.filter_map(|entry| entry.manager.clone()).collect()
}

#[tokio::test]
async fn a_field_that_somebody_takes_is_taken_back() {
    let place = place("force").await;
    let journal = Journal::default();
    let operator = Shelf::stocker(&journal);
    let stats = operator.stats();
    let _operating = place.operate(|manager| manager.with(operator.namespace(&place.namespace)));
    place.create(Shelf::of("a", &["x"])).await;
    says(&place, "x").await;
    let taken_back = async |times: usize| {
        journal.reaches("a: config_maps", times).await;
        says(&place, "x").await;
        assert_eq!(owners(&place).await, ["shelf.test.steersman.dev"]);
    };
    intrude(&place, json!({ "data": { "text": "theirs" } })).await;
    taken_back(1).await;
    edit(&place, json!("an edit")).await;
    taken_back(2).await;
    assert_eq!(stats.failures(), 0);
}

#[tokio::test]
async fn without_force_a_conflict_names_field_and_manager_until_they_let_go() {
    let place = place("yield").await;
    let (journal, conflicts) = (Journal::default(), Journal::default());
    let notes = conflicts.clone();
    let operator = Yielding::by(&journal, move |shelf, _, cx| {
        let notes = notes.clone();
        async move {
            let stocked = stock(&shelf.spec, &cx.config_maps()).await;
            if let Err(WriteError::FieldConflict { object, fields }) = &stocked {
                for field in fields {
                    let version = field.version.as_deref().unwrap_or("none");
                    notes.note(format!("{} {}: {} {version}", object.name(), field.field, field.manager));
                }
            }
            stocked?;
            Ok(Action::await_change())
        }
    });
    let stats = operator.stats();
    let operator = operator.namespace(&place.namespace).max_backoff(Duration::from_millis(400));
    let operating = place.operate(|manager| manager.with(operator));
    place.create(Shelf::of("a", &["x"])).await;
    says(&place, "x").await;

    // What is not in conflict is written as ever.
    intrude(&place, json!({ "data": { "other": "theirs" } })).await;
    journal.reaches("a: config_maps", 1).await;
    place.ended(2).await;
    assert_eq!(stats.failures(), 0);

    intrude(&place, json!({ "data": { "text": "theirs" } })).await;
    conflicts.reaches("x .data.text: intruder none", 3).await;
    journal.reaches("a: config_maps, retry", 1).await;
    let said = place.log.says(&["WARN", "has fields of other managers"]).await;
    let expected = format!("ConfigMap {}/x has fields of other managers: .data.text of `intruder`; ", place.namespace);
    assert!(said.contains(&expected) && said.contains("`force = true`"), "{said}");
    says(&place, "theirs").await;
    assert_eq!(owners(&place).await, ["intruder"]);
    intrude(&place, json!({})).await;
    says(&place, "x").await;

    edit(&place, json!("an edit")).await;
    conflicts.reaches("x .data.text: editor v1", 2).await;
    place.log.says(&["WARN", ".data.text of `editor` (v1)"]).await;
    says(&place, "an edit").await;
    edit(&place, Value::Null).await;
    says(&place, "x").await;
    assert_eq!(owners(&place).await, ["yielding.test.steersman.dev"]);

    // Nobody fights any more.
    let failures = stats.failures();
    place.create(Shelf::of("marker", &["marker"])).await;
    eventually("the marker is there", async || place.get::<ConfigMap>("marker").await.is_some()).await;
    assert_eq!(stats.failures(), failures);
    assert_eq!(operating.costs().reads, 0);
}

#[tokio::test]
async fn without_force_one_conflict_leaves_the_other_objects_alone() {
    let place = place("yielding").await;
    let journal = Journal::default();
    let operator = Yielding::by(&journal, |_, _, cx| async move {
        let handle = cx.config_maps();
        // A user may go on after a conflict; the run is repeated nevertheless.
        let conflict = handle.apply(config_map("x", "x")).await;
        handle.apply(config_map("y", "y")).await?;
        if let Err(error) = conflict {
            assert!(matches!(error, WriteError::FieldConflict { .. }), "{error}");
        }
        Ok(Action::await_change())
    });
    let stats = operator.stats();
    let operator = operator.namespace(&place.namespace).max_backoff(Duration::from_millis(400));
    let _operating = place.operate(|manager| manager.with(operator));
    place.create(Shelf::of("a", &[])).await;
    says(&place, "x").await;
    intrude(&place, json!({ "data": { "text": "theirs" } })).await;
    place.delete::<ConfigMap>("y").await;
    eventually("the other one is there again", async || place.get::<ConfigMap>("y").await.is_some()).await;
    journal.reaches("a: retry", 1).await;
    says(&place, "theirs").await;
    intrude(&place, json!({})).await;
    says(&place, "x").await;
    assert_eq!(stats.failures(), 0);
}
