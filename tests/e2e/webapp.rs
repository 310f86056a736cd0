//! The flagship's main job.

use std::collections::BTreeMap;

use examples::webapp::api::{WebApp, WebAppSpec};
use examples::webapp::controller::Controller;
use k8s_openapi::api::apps::v1::{Deployment, ReplicaSet};
use k8s_openapi::api::core::v1::{ConfigMap, Pod, Service};
use kube::api::{ListParams, Patch, PatchParams};
use kube::{Api, Resource, ResourceExt};
use serde_json::json;
use steersman::Stats;
use tests::{Operating, Place, eventually};

use crate::place;

const FINALIZER: &str = "demo.steersman.dev/cleanup";

fn operate(place: &Place) -> (Operating, Stats) {
    let operator = WebApp::operator(Controller).namespace(&place.namespace);
    let stats = operator.stats();
    (place.operate(|manager| manager.with(operator)), stats)
}

fn app(name: &str, replicas: i32) -> WebApp {
    WebApp::new(name, WebAppSpec { image: "web:1".into(), replicas, port: 8080, tier: None, files: None })
}

/// Waits until the status says that so many replicas are ready, for the newest spec.
async fn is_ready(place: &Place, name: &str, replicas: i32) {
    eventually(&format!("{name} is ready with {replicas}"), async || {
        let app = place.get::<WebApp>(name).await;
        app.is_some_and(|app| {
            let status = app.status.unwrap_or_default();
            status.ready
                && status.ready_replicas == replicas
                && Some(status.observed_generation) == app.metadata.generation
        })
    })
    .await;
}

/// Waits until the operator has come to rest: what the Deployment controller still writes is nothing that it reads.
async fn at_rest(place: &Place, name: &str, replicas: i32) {
    is_ready(place, name, replicas).await;
    eventually("the Deployment is observed", async || {
        let deployment = place.get::<Deployment>(name).await.expect("the Deployment is there");
        let status = deployment.status.unwrap_or_default();
        status.observed_generation == deployment.metadata.generation && status.available_replicas == Some(replicas)
    })
    .await;
}

fn is_controlled_by(object: &impl Resource, app: &WebApp) -> bool {
    let owner = object.owner_references().iter().find(|owner| owner.controller == Some(true));
    owner.is_some_and(|owner| Some(&owner.uid) == app.metadata.uid.as_ref() && owner.kind == "WebApp")
}

#[tokio::test]
async fn a_whole_life_without_a_single_read() {
    let place = place("life").await;
    let (operating, stats) = operate(&place);
    let created = place.create(app("web", 2)).await;

    at_rest(&place, "web", 2).await;
    assert!(is_controlled_by(&place.get::<Deployment>("web").await.unwrap(), &created));
    assert!(is_controlled_by(&place.get::<Service>("web").await.unwrap(), &created));
    for map in ["web-config", "web-env"] {
        assert!(is_controlled_by(&place.get::<ConfigMap>(map).await.unwrap(), &created));
    }
    assert_eq!(place.get::<WebApp>("web").await.unwrap().finalizers(), [FINALIZER]);

    place.patch::<WebApp>("web", json!({ "spec": { "replicas": 4 } })).await;
    at_rest(&place, "web", 4).await;
    place.patch::<WebApp>("web", json!({ "spec": { "replicas": 1 } })).await;
    at_rest(&place, "web", 1).await;

    place.delete::<WebApp>("web").await;
    place.gone::<WebApp>("web").await;
    assert_eq!(place.log.lines(&["cleaned up", "web:1"]).len(), 1);
    place.gone::<Deployment>("web").await;
    place.gone::<Service>("web").await;
    place.gone::<ConfigMap>("web-config").await;
    eventually("nothing is left", async || {
        let all = ListParams::default();
        place.api::<ReplicaSet>().list(&all).await.unwrap().items.is_empty()
            && place.api::<Pod>().list(&all).await.unwrap().items.is_empty()
    })
    .await;

    let costs = operating.costs();
    assert_eq!(costs.reads, 0, "{costs:?}");
    assert_eq!(costs.watches, 4, "one for each kind: {costs:?}");
    assert_eq!(costs.writes as u64, stats.writes());
    assert_eq!(stats.failures(), 0);
    // Two creations of Pods, one removal, each seen by readiness step by step.
    assert!(stats.runs() < 40, "{:?}", stats.wake_ups());
}

#[tokio::test]
async fn a_deleted_service_is_made_anew() {
    let place = place("service").await;
    let (operating, stats) = operate(&place);
    place.create(app("web", 1)).await;
    at_rest(&place, "web", 1).await;
    let old = place.get::<Service>("web").await.unwrap().uid();
    let runs = stats.runs();

    place.delete::<Service>("web").await;
    eventually("there is another Service", async || {
        place.get::<Service>("web").await.is_some_and(|service| service.uid() != old)
    })
    .await;
    eventually("the run has been counted", async || stats.runs() > runs).await;
    assert_eq!(stats.wake_ups().get("service"), Some(&1), "{:?}", stats.wake_ups());
    assert_eq!(operating.costs().reads, 0);
}

#[tokio::test]
async fn a_foreign_annotation_wakes_nobody() {
    let place = place("annotation").await;
    let (_operating, stats) = operate(&place);
    place.create(app("web", 1)).await;
    at_rest(&place, "web", 1).await;
    let runs = stats.runs();

    place.patch::<Deployment>("web", json!({ "metadata": { "annotations": { "somebody.dev/note": "x" } } })).await;
    at_rest(&place, "web", 1).await;
    // Of the same kind, so it is seen after it; and no reason to write anything.
    place.patch::<Deployment>("web", json!({ "spec": { "revisionHistoryLimit": 7 } })).await;
    eventually("the second change is seen", async || stats.runs() > runs).await;
    assert_eq!(stats.runs(), runs + 1, "{:?}", stats.wake_ups());
    let deployment = place.get::<Deployment>("web").await.unwrap();
    assert_eq!(deployment.annotations().get("somebody.dev/note").map(String::as_str), Some("x"));
}

#[tokio::test]
async fn an_edited_config_map_is_repaired() {
    let place = place("edited").await;
    let (_operating, stats) = operate(&place);
    place.create(app("web", 1)).await;
    at_rest(&place, "web", 1).await;
    let before = stats.wake_ups().get("config_maps").copied().unwrap_or_default();

    for round in 1..=3 {
        place.patch::<ConfigMap>("web-env", json!({ "data": { "PORT": "1", "EXTRA": round.to_string() } })).await;
        eventually("the port is right again", async || {
            let data = place.get::<ConfigMap>("web-env").await.and_then(|map| map.data).unwrap_or_default();
            data.get("PORT").map(String::as_str) == Some("8080")
        })
        .await;
        let woken = stats.wake_ups().get("config_maps").copied().unwrap_or_default();
        assert_eq!(woken - before, round, "one run for each edit: {:?}", stats.wake_ups());
    }
}

#[tokio::test]
async fn files_come_and_go() {
    let place = place("files").await;
    let (operating, _) = operate(&place);
    place.create(app("web", 1)).await;
    is_ready(&place, "web", 1).await;
    assert!(place.get::<ConfigMap>("web-files").await.is_none());

    place.patch::<WebApp>("web", json!({ "spec": { "files": { "a.txt": "a" } } })).await;
    eventually("the files are there", async || {
        let files = place.get::<ConfigMap>("web-files").await.and_then(|map| map.data);
        files == Some(BTreeMap::from([("a.txt".to_owned(), "a".to_owned())]))
    })
    .await;
    is_ready(&place, "web", 1).await;
    place.patch::<WebApp>("web", json!({ "spec": { "files": null } })).await;
    place.gone::<ConfigMap>("web-files").await;
    is_ready(&place, "web", 1).await;
    assert_eq!(operating.costs().reads, 0);
}

#[tokio::test]
async fn a_foreign_finalizer_is_not_ours_to_remove() {
    let place = place("foreign").await;
    let (_operating, stats) = operate(&place);
    let mut held = app("web", 1);
    held.metadata.finalizers = Some(vec!["somebody.dev/keep".into()]);
    place.create(held).await;
    is_ready(&place, "web", 1).await;
    let finalizers = place.get::<WebApp>("web").await.unwrap().finalizers().to_vec();
    assert_eq!(finalizers, ["somebody.dev/keep", FINALIZER]);

    place.delete::<WebApp>("web").await;
    eventually("only the foreign finalizer is left", async || {
        place.get::<WebApp>("web").await.is_some_and(|app| app.finalizers() == ["somebody.dev/keep"])
    })
    .await;
    let runs = runs_of(&place, "web");
    // While somebody else holds it, it is none of our business any more, whatever happens to it.
    place.patch::<WebApp>("web", json!({ "spec": { "replicas": 3 } })).await;
    place.patch::<WebApp>("web", json!({ "metadata": { "finalizers": [] } })).await;
    place.gone::<WebApp>("web").await;
    place.create(app("later", 0)).await;
    is_ready(&place, "later", 0).await;
    assert_eq!(runs_of(&place, "web"), runs);
    assert_eq!(place.log.lines(&["cleaned up"]).len(), 1);
    assert_eq!(stats.failures(), 0);
}

/// How many runs of this primary the log knows of.
fn runs_of(place: &Place, name: &str) -> usize {
    place.log.lines(&["begins", &format!("primary={}/{name} ", place.namespace)]).len()
}

#[tokio::test]
async fn edits_of_others_survive_the_finalizer() {
    let place = place("edits").await;
    let (_operating, stats) = operate(&place);
    let names: Vec<String> = (0..5).map(|i| format!("web-{i}")).collect();
    let edit = async |writer: usize| {
        for name in &names {
            let apply = PatchParams::apply(&format!("writer-{writer}")).force();
            let body = json!({
                "apiVersion": "demo.steersman.dev/v1", "kind": "WebApp",
                "metadata": { "labels": { format!("writer-{writer}"): "x" }, "finalizers": [format!("somebody.dev/{writer}")] },
            });
            place.api::<WebApp>().patch(name, &apply, &Patch::Apply(body)).await.expect("the edit is accepted");
        }
    };
    for name in &names {
        place.create(app(name, 0)).await;
    }
    futures::future::join_all((0..5).map(edit)).await;

    for name in &names {
        is_ready(&place, name, 0).await;
        let app = place.get::<WebApp>(name).await.unwrap();
        let mut finalizers = app.finalizers().to_vec();
        finalizers.sort();
        let mut expected: Vec<String> = (0..5).map(|i| format!("somebody.dev/{i}")).collect();
        expected.insert(0, FINALIZER.into());
        assert_eq!(finalizers, expected);
        assert_eq!(app.labels().len(), 5);
    }
    assert_eq!(stats.failures(), 0);
}

#[tokio::test]
async fn a_restart_runs_each_primary_once_and_repairs_what_happened_meanwhile() {
    let place = place("restart").await;
    let (operating, _) = operate(&place);
    place.started(1).await;
    let names: Vec<String> = (0..4).map(|i| format!("web-{i}")).collect();
    for name in &names {
        place.create(app(name, 1)).await;
    }
    for name in &names {
        at_rest(&place, name, 1).await;
    }
    operating.stop().await;
    let services: Api<Service> = place.api();
    let old = services.get("web-2").await.unwrap().uid();
    place.delete::<Service>("web-2").await;
    place.patch::<ConfigMap>("web-3-env", json!({ "data": { "PORT": "1" } })).await;

    let (operating, stats) = operate(&place);
    eventually("the Service is there again", async || {
        services.get_opt("web-2").await.unwrap().is_some_and(|service| service.uid() != old)
    })
    .await;
    eventually("the port is right again", async || {
        let data = place.get::<ConfigMap>("web-3-env").await.and_then(|map| map.data).unwrap_or_default();
        data.get("PORT").map(String::as_str) == Some("8080")
    })
    .await;
    eventually("all have run", async || stats.runs() >= 4).await;
    // A later change proves that nothing else was waiting.
    place.patch::<WebApp>("web-0", json!({ "spec": { "image": "web:2" } })).await;
    at_rest(&place, "web-0", 1).await;
    assert_eq!(stats.wake_ups().get("startup"), Some(&4), "{:?}", stats.wake_ups());
    for name in &names {
        assert_eq!(place.log.lines(&["begins", &format!("/{name} "), "triggers=startup"]).len(), 1, "{name}");
    }
    assert_eq!(stats.wake_ups().get("service"), None, "{:?}", stats.wake_ups());
    assert_eq!(operating.costs().reads, 0);
}
