//! Every way of writing a secondary.

use std::collections::BTreeMap;

use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::{ConfigMap, Service};
use kube::ResourceExt;
use kube::core::ObjectMeta;
use serde_json::{Value, json};
use steersman::{Action, WriteError};
use tests::kinds::{Shelf, ShelfContext, Workshop};
use tests::{Gate, Journal, config_map, data_of, eventually, owned_by, typed};

use crate::scene::Scene;

/// What a run sees of the ConfigMaps that belong to `a`: `name=text`.
fn sees(cx: &ShelfContext) -> String {
    let ours = |map: &&std::sync::Arc<ConfigMap>| map.owner_references().iter().any(|owner| owner.name == "a");
    let snapshot = cx.snapshot();
    let maps = snapshot.config_maps.iter().filter(ours);
    maps.map(|map| format!("{}={}", map.name_any(), data_of(map))).collect::<Vec<_>>().join(" ")
}

fn generated(prefix: &str) -> ConfigMap {
    let metadata = ObjectMeta { generate_name: Some(prefix.into()), ..ObjectMeta::default() };
    ConfigMap { metadata, ..config_map("", "") }
}

#[tokio::test]
async fn each_way_is_seen_at_once_and_wakes_nobody() {
    let (journal, seen) = (Journal::default(), Journal::default());
    let notes = seen.clone();
    let operator = Shelf::by(&journal, move |shelf, _, cx| {
        let notes = notes.clone();
        async move {
            if shelf.spec.note.is_empty() {
                return Ok(Action::await_change());
            }
            let maps = cx.config_maps();
            maps.apply(config_map("x", "applied")).await?;
            notes.note(sees(&cx));
            maps.create(config_map("y", "created")).await?;
            notes.note(sees(&cx));
            maps.replace(config_map("y", "replaced")).await?;
            notes.note(sees(&cx));
            maps.patch("x", json!({ "data": { "text": "patched" } })).await?;
            notes.note(sees(&cx));
            maps.delete("y").await?;
            notes.note(sees(&cx));
            let new = maps.create(generated("gen-")).await?;
            notes.note(sees(&cx).replace(&new.name_any(), "generated"));
            maps.prune(["x"]).await?;
            notes.note(sees(&cx));
            Ok(Action::await_change())
        }
    });
    let scene = Scene::new("each-way", &journal, operator).await;
    scene.begin("go").await;
    seen.reaches("", 7).await;
    assert_eq!(scene.runs().await, ["primary"]);
    let expected = [
        "x=applied",
        "x=applied y=created",
        "x=applied y=replaced",
        "x=patched y=replaced",
        "x=patched",
        "generated= x=patched",
        "x=patched",
    ];
    assert_eq!(seen.lines(), expected);
    let writes = ["patch 201", "create 201", "update 200", "patch 200", "delete 200", "create 201", "delete 200"];
    assert_eq!(scene.operating.writes("configmaps"), writes);
    assert_eq!(scene.operating.costs().reads, 0);
}

#[tokio::test]
async fn create_only_creates() {
    let (journal, errors) = (Journal::default(), Journal::default());
    let notes = errors.clone();
    let operator = Shelf::by(&journal, move |shelf, _, cx| {
        let notes = notes.clone();
        async move {
            let map = match shelf.spec.note.as_str() {
                "" => return Ok(Action::await_change()),
                "no name" => generated(""),
                name => config_map(name, "ours"),
            };
            if let Err(error) = cx.config_maps().create(map).await {
                notes.note(error.to_string());
                assert!(matches!(error, WriteError::Exists { .. } | WriteError::NoName { .. }), "{error:?}");
            }
            Ok(Action::await_change())
        }
    });
    let scene = Scene::new("create", &journal, operator).await;
    let namespace = scene.place.namespace.clone();
    scene.begin("x").await;
    assert_eq!(scene.runs().await, ["primary"]);
    scene.tell("no name").await;
    errors.reaches("a desired ConfigMap has no `metadata.name`", 1).await;
    assert_eq!(scene.runs().await, ["primary", "primary"], "what was never sent hides nothing");

    // The run sees that it is there.
    scene.tell("x").await;
    errors.reaches(&format!("ConfigMap {namespace}/x exists already; `create` only creates"), 1).await;
    assert_eq!(scene.runs().await, ["primary"; 3]);
    assert_eq!(scene.operating.writes("configmaps"), ["create 201"]);

    // It does not see what belongs to somebody else, nor would it notice if that went: it looks again after a while.
    scene.place.create(config_map("theirs", "theirs")).await;
    scene.tell("theirs").await;
    errors.reaches(&format!("ConfigMap {namespace}/theirs exists already"), 2).await;
    assert_eq!(data_of(&scene.place.get("theirs").await.unwrap()), "theirs");
    scene.place.delete::<ConfigMap>("theirs").await;
    eventually("it is ours", async || {
        scene.place.get::<ConfigMap>("theirs").await.is_some_and(|map| data_of(&map) == "ours")
    })
    .await;
}

#[tokio::test]
async fn a_replacement_is_of_the_version_that_the_run_sees() {
    let (journal, results, gate) = (Journal::default(), Journal::default(), Gate::open());
    let (notes, hold) = (results.clone(), gate.clone());
    let operator = Shelf::by(&journal, move |shelf, seen, cx| {
        let (notes, hold) = (notes.clone(), hold.clone());
        async move {
            let note = shelf.spec.note.as_str();
            let map = match note {
                "" => return Ok(Action::await_change()),
                "unseen" => config_map("theirs", ""),
                "same" => (**seen.config_maps.get("x").unwrap()).clone(),
                // With one entry more than the run sees.
                _ => {
                    let mut map = seen.config_maps.get("x").map_or_else(|| config_map("x", ""), |x| (**x).clone());
                    map.data.get_or_insert_default().insert(note.into(), note.into());
                    map
                }
            };
            hold.pass().await;
            if seen.config_maps.is_empty() && note == "first" {
                cx.config_maps().apply(map).await?;
                return Ok(Action::await_change());
            }
            let result = cx.config_maps().replace(map).await;
            notes.note(result.as_ref().map_or_else(ToString::to_string, |_| format!("{note} done")));
            result?;
            Ok(Action::await_change())
        }
    });
    let scene = Scene::new("replace", &journal, operator).await;
    let namespace = scene.place.namespace.clone();
    scene.place.create(config_map("theirs", "theirs")).await;
    scene.begin("first").await;
    scene.runs().await;
    scene.tell("same").await;
    results.reaches("same done", 1).await;
    assert_eq!(scene.operating.writes("configmaps"), ["patch 201"], "equal is not sent");

    gate.shut();
    scene.tell("second").await;
    journal.reaches("a: primary", 3).await;
    scene.place.patch::<ConfigMap>("x", json!({ "data": { "foreign": "edit" } })).await;
    gate.release();
    results.reaches("second done", 1).await;
    let outdated = format!("ConfigMap {namespace}/x was changed since the run saw it; the next run sees the change");
    assert_eq!(results.lines()[1], outdated);
    let keys: Vec<_> = scene.place.get::<ConfigMap>("x").await.unwrap().data.unwrap().into_keys().collect();
    assert_eq!(keys, ["first", "foreign", "second", "text"]);
    assert_eq!(scene.operating.writes("configmaps"), ["patch 201", "update 409", "update 200"]);

    scene.tell("unseen").await;
    results.reaches(&format!("the run sees no ConfigMap {namespace}/theirs"), 2).await;
    assert_eq!(scene.operating.writes("configmaps").len(), 3, "nothing was sent");
}

#[tokio::test]
async fn what_the_server_defaults_can_be_replaced() {
    let (journal, results) = (Journal::default(), Journal::default());
    let notes = results.clone();
    let operator = Workshop::by(&journal, move |shelf, seen, cx| {
        let notes = notes.clone();
        async move {
            if shelf.spec.note == "make" {
                cx.deployments().apply(deployment("web")).await?;
                cx.services().apply(service("web")).await?;
            } else if !shelf.spec.note.is_empty() {
                let mut web = (**seen.deployments.get("web").unwrap()).clone();
                web.spec.replicas = Some(2);
                cx.deployments().replace(web).await?;
                let mut web = (**seen.services.get("web").unwrap()).clone();
                web.spec.get_or_insert_default().ports.get_or_insert_default()[0].port = 81;
                cx.services().replace(web).await?;
            }
            notes.note(format!("{} done", shelf.spec.note));
            Ok(Action::await_change())
        }
    });
    let scene = Scene::new("defaulted", &journal, operator).await;
    scene.begin("make").await;
    results.reaches("make done", 1).await;
    for note in ["change", "once more"] {
        scene.tell(note).await;
        results.reaches(&format!("{note} done"), 1).await;
    }
    scene.runs().await;
    assert_eq!(scene.place.get::<Deployment>("web").await.unwrap().spec.replicas, Some(2));
    let service = scene.place.get::<Service>("web").await.unwrap().spec.unwrap();
    assert_eq!(service.ports.unwrap()[0].port, 81);
    for resource in ["deployments", "services"] {
        // The controller of Deployments may be faster, once or twice.
        let done: Vec<_> = scene.operating.writes(resource).into_iter().filter(|write| write != "update 409").collect();
        assert_eq!(done, ["patch 201", "update 200"]);
    }
}

#[tokio::test]
async fn a_patch_is_decided_again_after_a_foreign_edit() {
    let (journal, results, gate) = (Journal::default(), Journal::default(), Gate::open());
    let (notes, hold) = (results.clone(), gate.clone());
    let operator = Shelf::by(&journal, move |shelf, _, cx| {
        let (notes, hold) = (notes.clone(), hold.clone());
        async move {
            let (key, value) = match shelf.spec.note.split_once('=') {
                Some((key, value)) => (key, Some(value).filter(|value| !value.is_empty())),
                None => return Ok(Action::await_change()),
            };
            hold.pass().await;
            let result = cx.config_maps().patch("x", json!({ "data": { key: value } })).await;
            notes.note(result.map_or_else(|error| error.to_string(), |_| sees(&cx)));
            Ok(Action::await_change())
        }
    });
    let scene = Scene::new("patch", &journal, operator).await;
    let shelf = scene.begin("text=1").await;
    results.reaches("the run sees no ConfigMap", 1).await;
    assert!(scene.operating.writes("configmaps").is_empty(), "it is not seen");
    scene.place.create(owned_by(config_map("x", "1"), &shelf)).await;
    results.reaches("x=1", 1).await;
    scene.tell("text=2").await;
    results.reaches("x=2", 1).await;
    assert_eq!(scene.operating.writes("configmaps"), ["patch 200"], "the first would have changed nothing");

    // An edit of something else: both are there, and another run has looked at it.
    gate.shut();
    let runs = scene.runs().await.len();
    scene.tell("text=3").await;
    journal.reaches("a: ", runs + 1).await;
    scene.place.patch::<ConfigMap>("x", json!({ "data": { "foreign": "edit" } })).await;
    gate.release();
    results.reaches("x=3", 2).await;
    assert_eq!(scene.runs().await[runs..], ["primary", "config_maps, retry"]);
    let data = scene.place.get::<ConfigMap>("x").await.unwrap().data.unwrap();
    assert_eq!(data, BTreeMap::from([("foreign", "edit"), ("text", "3")].map(|(k, v)| (k.into(), v.into()))));
    assert_eq!(scene.operating.writes("configmaps"), ["patch 200", "patch 409", "patch 200"]);

    // Somebody was faster with the very same: nothing is left to be sent.
    gate.shut();
    scene.tell("foreign=").await;
    journal.reaches("a: ", runs + 3).await;
    scene.place.patch::<ConfigMap>("x", json!({ "data": { "foreign": null } })).await;
    gate.release();
    results.reaches("x=3", 4).await;
    assert_eq!(scene.operating.writes("configmaps")[3..], ["patch 409"]);
}

#[tokio::test]
async fn a_patch_does_not_give_the_object_away() {
    let journal = Journal::default();
    let operator = Shelf::by(&journal, |shelf, _, cx| async move {
        if shelf.spec.note.is_empty() {
            return Ok(Action::await_change());
        }
        let maps = cx.config_maps();
        maps.apply(config_map("x", "")).await?;
        let away = json!({ "metadata": { "ownerReferences": null, "labels": { "a": "b" } } });
        let patched = maps.patch("x", away).await?;
        assert_eq!((patched.owner_references().len(), &*patched.labels()["a"]), (1, "b"));
        Ok(Action::await_change())
    });
    let stats = operator.stats();
    let scene = Scene::new("away", &journal, operator).await;
    scene.begin("go").await;
    assert_eq!(scene.runs().await, ["primary"]);
    assert_eq!(stats.failures(), 0);
}

#[tokio::test]
async fn adopt_takes_over_what_nobody_controls() {
    let (journal, seen) = (Journal::default(), Journal::default());
    let notes = seen.clone();
    let operator = Shelf::by(&journal, move |shelf, _, cx| {
        let notes = notes.clone();
        async move {
            if !shelf.spec.note.is_empty() {
                let result = cx.config_maps().adopt(config_map(&shelf.spec.note, "ours")).await;
                notes.note(result.as_ref().map_or_else(ToString::to_string, |_| sees(&cx)));
                result?;
            }
            Ok(Action::await_change())
        }
    });
    let scene = Scene::new("adopt", &journal, operator).await;
    let mut free = config_map("x", "free");
    free.data.get_or_insert_default().insert("more".into(), "kept".into());
    let free = scene.place.create(free).await;
    scene.begin("x").await;
    seen.reaches("x=ours", 1).await;
    // Nobody has seen it before: one more run looks at it, and finds nothing to do.
    scene.begins(2).await;
    assert_eq!(scene.runs().await, ["primary", "config_maps, retry"]);
    assert_eq!(scene.operating.writes("configmaps"), ["patch 200"]);
    let map = scene.place.get::<ConfigMap>("x").await.unwrap();
    assert_eq!((map.uid(), map.owner_references().len()), (free.uid(), 1));
    assert_eq!(map.data.as_ref().unwrap()["more"], "kept");
    scene.place.patch::<ConfigMap>("x", json!({ "data": { "text": "foreign" } })).await;
    eventually("it is made good", async || {
        scene.place.get::<ConfigMap>("x").await.is_some_and(|map| data_of(&map) == "ours")
    })
    .await;

    // What has another controller stays with it, and so does what another shelf of the same operator controls.
    let owner = scene.place.create(config_map("owner", "")).await;
    let theirs = scene.place.create(owned_by(config_map("theirs", "theirs"), &owner)).await;
    for (name, controller) in [("theirs", "ConfigMap"), ("marker", "Shelf")] {
        let before = scene.place.get::<ConfigMap>(name).await.unwrap();
        scene.tell(name).await;
        let says = format!("ConfigMap {}/{name} exists and does not belong to", scene.place.namespace);
        seen.reaches(&says, 2).await;
        let line = seen.lines().into_iter().find(|line| line.starts_with(&says)).unwrap();
        assert!(line.contains(&format!("but to {controller}")), "{line}");
        let after = scene.place.get::<ConfigMap>(name).await.unwrap();
        assert_eq!(after.resource_version(), before.resource_version(), "nobody has touched it");
    }
    assert_eq!(theirs.owner_references()[0].name, "owner");

    // With the shelf goes what it has adopted.
    scene.place.delete::<Shelf>("a").await;
    scene.place.gone::<ConfigMap>("x").await;
    assert!(scene.place.get::<ConfigMap>("theirs").await.is_some());
}

fn deployment(name: &str) -> Deployment {
    typed(json!({
        "metadata": { "name": name },
        "spec": {
            "selector": { "matchLabels": { "app": name } },
            "template": { "metadata": { "labels": { "app": name } }, "spec": pod_spec() },
        },
    }))
}

fn service(name: &str) -> Service {
    typed(json!({ "metadata": { "name": name }, "spec": { "selector": { "app": name }, "ports": [{ "port": 80 }] } }))
}

fn pod_spec() -> Value {
    json!({ "containers": [{ "name": "app", "image": "app:1" }] })
}
