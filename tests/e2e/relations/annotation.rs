//! `annotation = ".."`: objects that name the primary by an annotation.

use k8s_openapi::api::core::v1::ConfigMap;
use kube::ResourceExt;
use kube::api::PostParams;
use serde_json::json;
use steersman::Action;
use tests::fleet::{Annotated, Crossing, FLEET, Fleet, FleetSpec};
use tests::{Journal, config_map, eventually};

use super::{annotated, maps_in, names, note};
use crate::place;

#[tokio::test]
async fn an_annotation_relates_within_the_namespace() {
    let place = place("annotation").await;
    let other = place.another().await;
    let (journal, seen) = (Journal::default(), Journal::default());
    let notes = seen.clone();
    let operator = Annotated::by(&journal, move |fleet, seen, _| {
        notes.note(format!("{} sees {}", fleet.name_any(), names(&seen.config_maps)).trim_end());
        async { Ok(Action::await_change()) }
    });
    place.create(Fleet::new("f", FleetSpec::default())).await;
    place.create(annotated("a", "f")).await;
    place.create(config_map("none", "")).await;
    let namespaces = [place.namespace.clone(), other.clone()];
    let operating = place.operate_under(Annotated::rules(), |manager| manager.with(operator.namespaces(namespaces)));
    seen.reaches("f sees a", 1).await;
    // Nobody puts anything before the primary of another namespace.
    let foreign = annotated("injected", &format!("{}/f", place.namespace));
    maps_in(&place, &other).create(&PostParams::default(), &foreign).await.unwrap();
    place.patch::<ConfigMap>("none", json!({ "metadata": { "annotations": { FLEET: "f" } } })).await;
    seen.reaches("f sees a none", 1).await;
    place.patch::<ConfigMap>("a", json!({ "metadata": { "annotations": { FLEET: "nobody" } } })).await;
    seen.reaches("f sees none", 1).await;
    assert_eq!(journal.lines().len(), 3, "{:?}", journal.lines());
    assert_eq!((operating.costs().reads, operating.watches("configmaps")), (0, 1), "one watch for two namespaces");
}

#[tokio::test]
async fn an_annotation_crosses_namespaces_where_that_is_declared() {
    let place = place("cross").await;
    let other = place.another().await;
    let (journal, seen) = (Journal::default(), Journal::default());
    let (notes, there) = (seen.clone(), other.clone());
    let operator = Crossing::by(&journal, move |fleet, seen, cx| {
        notes.note(format!("{} sees {}", fleet.name_any(), names(&seen.config_maps)).trim_end());
        let there = there.clone();
        async move {
            let mut map = config_map("written", &fleet.spec.note);
            map.metadata.namespace = Some(there);
            cx.config_maps().apply(map).await?;
            Ok(Action::await_change())
        }
    });
    place.create(Fleet::new("f", FleetSpec::default())).await;
    let namespaces = [place.namespace.clone(), other.clone()];
    let operating = place.operate(|manager| manager.with(operator.namespaces(namespaces)));
    let maps = maps_in(&place, &other);
    eventually("it is written", async || maps.get_opt("written").await.unwrap().is_some()).await;
    let written = maps.get("written").await.unwrap();
    let named = format!("{}/f", place.namespace);
    assert_eq!(written.annotations().get(FLEET), Some(&named));
    maps.create(&PostParams::default(), &annotated("a", &named)).await.unwrap();
    seen.reaches("f sees a written", 1).await;
    note(&place, "f", "2").await;
    seen.reaches("f sees a written", 2).await;
    assert_eq!(journal.lines(), ["f: startup", "f: config_maps", "f: primary"]);
    assert_eq!(operating.costs().reads, 0);
}

#[tokio::test]
async fn nothing_is_written_where_nobody_looks() {
    let place = place("unwatched").await;
    let other = place.another().await;
    let errors = Journal::default();
    let (said, there) = (errors.clone(), other.clone());
    let operator = Crossing::by(&Journal::default(), move |_, _, cx| {
        let (said, there) = (said.clone(), there.clone());
        async move {
            let mut map = config_map("x", "x");
            map.metadata.namespace = Some(there);
            said.note(cx.config_maps().apply(map).await.unwrap_err().to_string());
            Ok(Action::await_change())
        }
    });
    place.create(Fleet::new("f", FleetSpec::default())).await;
    let operating = place.operate(|manager| manager.with(operator.namespace(&place.namespace)));
    errors.reaches("ConfigMap", 1).await;
    assert!(errors.lines().concat().contains("does not watch its namespace"), "{:?}", errors.lines());
    assert!(maps_in(&place, &other).get_opt("x").await.unwrap().is_none() && operating.costs().writes == 0);
}
