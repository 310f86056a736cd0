//! The debug views of an operator at work.

use std::collections::BTreeSet;

use k8s_openapi::api::core::v1::ConfigMap;
use serde_json::{Value, json};
use steersman::Action;
use tests::kinds::{Realm, RealmSpec, Shelf, stock};
use tests::port::{get, get_as};
use tests::{Gate, Journal, eventually};

use super::port;
use crate::{alone_with_realms, place};

#[tokio::test]
async fn each_view_tells_what_it_is_for() {
    let place = place("views").await;
    let (journal, gate) = (Journal::default(), Gate::open());
    let passes = gate.clone();
    let operator = Shelf::by(&journal, move |shelf, _, cx| {
        let gate = passes.clone();
        async move {
            gate.pass().await;
            stock(&shelf.spec, &cx.config_maps()).await?;
            Ok(Action::await_change())
        }
    });
    let (server, address) = port();
    let _operating = place.operate(|manager| manager.with(operator.namespace(&place.namespace)).server(server));
    place.started(1).await;
    place.create(Shelf::of("a", &["x", "y"])).await;
    let path = format!("/debug/primaries/Shelf/{}/a", place.namespace);
    let view = async || get(address, &format!("{path}?format=json")).await.json();
    let row = |view: &Value, table: &str, i: usize| view[table][i].clone();
    eventually("it has run", async || view().await["runs"] == 1).await;

    gate.shut();
    place.patch::<ConfigMap>("x", json!({ "data": { "text": "foreign" } })).await;
    eventually("it runs", async || view().await["state"] == "running").await;
    let running = view().await;
    let maps = row(&running, "fingerprints", 1);
    assert_eq!(
        (&maps["secondary"], &maps["objects"], &maps["changed"]),
        (&json!("config_maps"), &json!(2), &json!(true))
    );
    assert_ne!(maps["current"], maps["seen"]);
    assert_eq!(row(&running, "fingerprints", 0)["changed"], false);
    let queue = get(address, "/debug/queue?format=json").await.json();
    assert_eq!((&queue["queues"][0]["running"], &queue["queues"][0]["operator"]), (&json!(1), &json!("Shelf")));
    gate.release();
    eventually("it has run again", async || view().await["runs"] == 2).await;
    let idle = view().await;
    assert_eq!(row(&idle, "fingerprints", 1)["changed"], false);
    let last = row(&idle, "last_runs", 1);
    let expected = json!(["config_maps", "reconcile", "success", 1, ["config_maps"], false]);
    let told = ["triggers", "task", "result", "writes", "written", "provoked_another"].map(|field| last[field].clone());
    assert_eq!(json!(told), expected, "{last}");
    assert_eq!((&idle["next"], &idle["failures"], &idle["provoked_by"]), (&json!("resync"), &json!(0), &Value::Null));

    let text = get(address, &path).await.body;
    assert!(text.starts_with("operator:") && text.contains("\nlast runs:\nNUMBER  AGO SECONDS  TRIGGERS"), "{text}");
    let list = get(address, "/debug/primaries").await.body;
    assert!(
        list.starts_with("OPERATOR  PRIMARY") && list.contains(&format!("Shelf     {}/a", place.namespace)),
        "{list}"
    );
    let watches = get_as(address, "/debug/watches", "localhost", "application/json").await;
    assert!(watches.headers.contains("content-type: application/json"), "{watches:?}");
    let watches = watches.json();
    let maps = watches["watches"].as_array().unwrap().iter().find(|row| row["watch"] == "configmaps").unwrap();
    assert_eq!((&maps["complete"], &maps["attributes"]), (&json!(true), &json!("#[secondary(ConfigMap)] of Shelf")));
    assert!(maps["applied"].as_u64() >= Some(3) && maps["bytes"].as_u64() > Some(500), "{maps}");
    assert!(watches["states"].as_array().unwrap().iter().all(|row| row["state"] == "watching"), "{watches}");
    let caches = get(address, "/debug/caches?format=json").await.json();
    let maps = caches["caches"].as_array().unwrap().iter().find(|row| row["watch"] == "configmaps").unwrap();
    assert_eq!((&maps["objects"], &maps["read_by"]), (&json!(2), &json!("Shelf.config_maps")));
    assert!(maps["bytes"].as_u64() > Some(500), "{maps}");
    let snapshot = get(address, &format!("/debug/snapshot/Shelf/{}/a?format=json", place.namespace)).await.json();
    assert_eq!(snapshot["primary"]["metadata"]["name"], "a");
    assert_eq!(snapshot["secondaries"]["config_maps"]["objects"][1]["data"]["text"], "y", "{snapshot}");
    let text = get(address, &format!("/debug/snapshot/Shelf/{}/a?limit=1", place.namespace)).await.body;
    assert!(text.contains("# config_maps: 2 of ConfigMap (v1)\n") && !text.contains("\"name\": \"y\""), "{text}");
    let missing = get(address, "/debug/primaries/Shelf/nowhere/a").await;
    assert_eq!(missing.status, 404);
}

#[tokio::test]
async fn a_long_list_comes_in_pages() {
    let place = place("pages").await;
    let operator = Shelf::stocker(&Journal::default()).namespace(&place.namespace);
    let (server, address) = port();
    let _operating = place.operate(|manager| manager.with(operator).server(server));
    place.started(1).await;
    for i in 0..5 {
        place.create(Shelf::of(&format!("s-{i}"), &[])).await;
    }
    place.ended(5).await;
    let (mut seen, mut from) = (BTreeSet::new(), String::new());
    for _ in 0..3 {
        let page = get(address, &format!("/debug/primaries?format=json&limit=2{from}")).await.json();
        let rows = page["primaries"].as_array().unwrap();
        assert!(rows.len() <= 2, "{page}");
        seen.extend(rows.iter().map(|row| row["primary"].to_string()));
        match page["next"].as_str() {
            Some(next) => from = format!("&from={next}"),
            None => break,
        }
    }
    assert_eq!(seen.len(), 5, "{seen:?}");
    let none = get(address, "/debug/primaries?format=json&namespace=nowhere").await.json();
    assert_eq!(none["primaries"], json!([]));
    assert_eq!(get(address, "/debug/primaries?from=x").await.status, 400);
}

#[tokio::test]
async fn cluster_scoped_primaries_have_views_too() {
    let _alone = alone_with_realms().await;
    let place = place("realmviews").await;
    let operator = Realm::by(&Journal::default(), |_, _, _| async { Ok(Action::await_change()) });
    let (server, address) = port();
    let _operating = place.operate(|manager| manager.with(operator).server(server));
    place.started(1).await;
    let realms = kube::Api::<Realm>::all(place.client.clone());
    let realm = Realm::new("observed", RealmSpec::default());
    realms.create(&kube::api::PostParams::default(), &realm).await.expect("it can be created");
    place.ended(1).await;
    assert_eq!(get(address, "/debug/primaries/Realm/observed?format=json").await.json()["primary"], "observed");
    let snapshot = get(address, "/debug/snapshot/Realm/observed?format=json").await.json();
    assert_eq!(snapshot["primary"]["kind"], "Realm");
    realms.delete("observed", &kube::api::DeleteParams::default()).await.expect("it can be deleted");
    eventually("it is gone", async || matches!(realms.get_opt("observed").await, Ok(None))).await;
}
