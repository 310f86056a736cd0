//! `map = ..`: objects that a function maps to primaries.

use k8s_openapi::api::core::v1::ConfigMap;
use kube::ResourceExt;
use serde_json::json;
use steersman::Action;
use tests::fleet::{Fleet, FleetSpec, Mapped};
use tests::{Journal, config_map};

use super::names;
use crate::place;

fn mapped(name: &str, fleet: &str) -> ConfigMap {
    let mut map = config_map(name, name);
    map.metadata.labels = Some([("test.steersman.dev/mapped".to_owned(), "yes".to_owned())].into());
    map.data.get_or_insert_default().insert("fleet".into(), fleet.into());
    map
}

#[tokio::test]
async fn a_function_relates_and_one_that_panics_harms_that_object_alone() {
    let place = place("map").await;
    let (journal, seen) = (Journal::default(), Journal::default());
    let notes = seen.clone();
    let errors = Journal::default();
    let said = errors.clone();
    let operator = Mapped::by(&journal, move |fleet, seen, cx| {
        notes.note(format!("{} sees {}", fleet.name_any(), names(&seen.config_maps)).trim_end());
        let said = said.clone();
        async move {
            if fleet.spec.note == "write" {
                let error = cx.config_maps().apply(mapped("elsewhere", "g")).await.unwrap_err();
                said.note(error.to_string());
                cx.config_maps().apply(mapped("written", &fleet.name_any())).await?;
            }
            Ok(Action::await_change())
        }
    });
    place.create(Fleet::new("f", FleetSpec::default())).await;
    place.create(mapped("a", "f")).await;
    place.create(mapped("bad", "panic")).await;
    let operating = place.operate(|manager| manager.with(operator.namespace(&place.namespace)));
    seen.reaches("f sees a", 1).await;
    let line = place.log.says(&["WARN", "cannot be decoded", "/bad"]).await;
    assert!(line.contains("`map`") && line.contains("panicked"), "{line}");
    place.create(mapped("b", "f")).await;
    seen.reaches("f sees a b", 1).await;
    // One that panics only later keeps its place, with its last good copy.
    place.patch::<ConfigMap>("b", json!({ "data": { "fleet": "panic" } })).await;
    seen.reaches("f sees a b", 2).await;
    place.patch::<ConfigMap>("b", json!({ "data": { "fleet": "nobody" } })).await;
    seen.reaches("f sees a", 2).await;
    assert_eq!(place.log.lines(&["WARN", "cannot be decoded", "/bad"]).len(), 1, "said once");
    super::note(&place, "f", "write").await;
    place.there::<ConfigMap>("written").await;
    assert!(errors.lines().concat().contains("does not name the primary"), "{:?}", errors.lines());
    assert!(place.get::<ConfigMap>("elsewhere").await.is_none());
    assert_eq!(operating.costs().reads, 0);
}
