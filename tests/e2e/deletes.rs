//! Deletes of secondaries, of one and of many, and what becomes of their dependents.

use k8s_openapi::api::apps::v1::{Deployment, ReplicaSet};
use k8s_openapi::api::core::v1::{ConfigMap, Pod};
use kube::api::{DeleteParams, ListParams, PostParams};
use kube::{Api, ResourceExt};
use serde_json::json;
use steersman::{Action, Deletion, Handle, WriteError};
use tests::kinds::{Realm, RealmSpec, Shelf, Workshop, WorkshopContext};
use tests::{Gate, Journal, Place, config_map, data_of, eventually, found, owned_by, typed};

use crate::scene::Scene;
use crate::{alone_with_realms, place};

fn deployment(name: &str) -> Deployment {
    typed(json!({
        "metadata": { "name": name },
        "spec": {
            "selector": { "matchLabels": { "app": name } },
            "template": {
                "metadata": { "labels": { "app": name } },
                "spec": { "containers": [{ "name": "app", "image": "app:1" }] },
            },
        },
    }))
}

/// The ReplicaSets of a Deployment made by [`deployment`].
async fn replica_sets(place: &Place, name: &str) -> Vec<ReplicaSet> {
    place.api().list(&ListParams::default().labels(&format!("app={name}"))).await.expect("they can be listed").items
}

#[tokio::test]
async fn dependents_go_after_before_or_not_at_all() {
    let (journal, results) = (Journal::default(), Journal::default());
    let notes = results.clone();
    let operator = Workshop::by(&journal, move |shelf, _, cx: WorkshopContext| {
        let notes = notes.clone();
        async move {
            let deployments = cx.deployments();
            let deletion = match shelf.spec.note.as_str() {
                "" => return Ok(Action::await_change()),
                "make" => {
                    for name in ["background", "foreground", "orphan"] {
                        deployments.apply(deployment(name)).await?;
                    }
                    return Ok(Action::await_change());
                }
                "background" => Deletion::background(),
                "foreground" => Deletion::foreground(),
                _ => Deletion::orphan(),
            };
            let deleted = deployments.delete_with(&shelf.spec.note, deletion).await?;
            let left = cx.snapshot().deployments.get(&shelf.spec.note).map(|left| left.finalizers().join(" "));
            notes.note(format!("{}: {deleted}, {}", shelf.spec.note, left.unwrap_or_else(|| "gone".into())));
            Ok(Action::await_change())
        }
    });
    let stats = operator.stats();
    let scene = Scene::new("dependents", &journal, operator).await;
    let place = &scene.place;
    scene.begin("make").await;
    for name in ["background", "foreground", "orphan"] {
        eventually(&format!("{name} has a ReplicaSet"), async || replica_sets(place, name).await.len() == 1).await;
    }

    scene.tell("background").await;
    results.reaches("background: true, gone", 1).await;
    eventually("its ReplicaSet follows", async || replica_sets(place, "background").await.is_empty()).await;

    // As long as a dependent is held, the owner stays, being deleted.
    let held = replica_sets(place, "foreground").await.remove(0).name_any();
    place.patch::<ReplicaSet>(&held, json!({ "metadata": { "finalizers": ["test.steersman.dev/held"] } })).await;
    scene.tell("foreground").await;
    results.reaches("foreground: true, foregroundDeletion", 1).await;
    eventually("the ReplicaSet is being deleted", async || {
        replica_sets(place, "foreground").await.iter().all(|set| set.metadata.deletion_timestamp.is_some())
    })
    .await;
    assert!(place.get::<Deployment>("foreground").await.is_some(), "it waits for its ReplicaSet");
    place.patch::<ReplicaSet>(&held, json!({ "metadata": { "finalizers": null } })).await;
    place.gone::<Deployment>("foreground").await;

    scene.tell("orphan").await;
    results.reaches("orphan: true, orphan", 1).await;
    place.gone::<Deployment>("orphan").await;
    let left = replica_sets(place, "orphan").await;
    assert_eq!((left.len(), left[0].owner_references().len()), (1, 0));
    assert_eq!(stats.failures(), 0);
}

#[tokio::test]
async fn a_pod_gets_the_time_that_it_is_given() {
    let journal = Journal::default();
    let (seen, notes) = (Journal::default(), Journal::default());
    let noted = notes.clone();
    let graces = seen.clone();
    let operator = Workshop::by(&journal, move |shelf, _, cx: WorkshopContext| {
        let (graces, noted) = (graces.clone(), noted.clone());
        async move {
            let pods = cx.pods();
            match shelf.spec.note.as_str() {
                "make" => {
                    // On a node of which nobody takes care, so that nobody ends it.
                    let pod = json!({ "metadata": { "name": "p" }, "spec": {
                        "nodeName": "nowhere", "terminationGracePeriodSeconds": 600,
                        "containers": [{ "name": "app", "image": "app:1" }],
                    } });
                    pods.apply(typed(pod)).await?;
                }
                "delete" => drop(pods.delete("p").await?),
                "less" => {
                    let deletion = Deletion::background().grace_period(std::time::Duration::from_secs(7));
                    pods.delete_with("p", deletion).await?;
                }
                "now" => drop(pods.delete_with("p", Deletion::background().grace_period(Default::default())).await?),
                _ => return Ok(Action::await_change()),
            }
            let grace = |pod: &std::sync::Arc<Pod>| pod.metadata.deletion_grace_period_seconds.unwrap_or(-1);
            graces.note(cx.snapshot().pods.get("p").map_or("gone".into(), |pod| grace(pod).to_string()));
            noted.note(shelf.spec.note.clone());
            Ok(Action::await_change())
        }
    });
    let scene = Scene::new("grace", &journal, operator).await;
    scene.begin("make").await;
    for (note, grace) in [("make", "-1"), ("delete", "600"), ("less", "7"), ("now", "gone")] {
        if note != "make" {
            scene.tell(note).await;
        }
        seen.reaches(grace, 1).await;
        notes.reaches(note, 1).await;
        scene.idle().await;
    }
    scene.place.gone::<Pod>("p").await;
    assert_eq!(scene.operating.writes("pods"), ["patch 201", "delete 200", "delete 200", "delete 200"]);
}

#[tokio::test]
async fn what_is_being_deleted_is_not_deleted_again() {
    let (journal, results) = (Journal::default(), Journal::default());
    let notes = results.clone();
    let operator = Shelf::by(&journal, move |shelf, _, cx| {
        let notes = notes.clone();
        async move {
            let maps = cx.config_maps();
            if shelf.spec.note == "make" {
                let mut map = config_map("x", "");
                map.metadata.finalizers = Some(vec!["test.steersman.dev/held".into()]);
                maps.apply(map).await?;
                maps.apply(config_map("y", "")).await?;
            } else if !shelf.spec.note.is_empty() {
                let deleted = maps.delete("x").await?;
                notes.note(format!("{}: {deleted}, {}", shelf.spec.note, maps.prune(["y"]).await?));
            }
            Ok(Action::await_change())
        }
    });
    let scene = Scene::new("terminating", &journal, operator).await;
    scene.begin("make").await;
    scene.runs().await;
    scene.tell("delete").await;
    results.reaches("delete: true, 0", 1).await;
    // It is still there, now being deleted, which the run had not seen before: one more looks at it.
    results.reaches("delete: false, 0", 1).await;
    scene.tell("once more").await;
    results.reaches("once more: false, 0", 1).await;
    assert_eq!(scene.operating.writes("configmaps"), ["patch 201", "patch 201", "delete 200"]);
    scene.place.patch::<ConfigMap>("x", json!({ "metadata": { "finalizers": null } })).await;
    results.reaches("once more: false, 0", 2).await;
    assert_eq!(scene.runs().await, ["primary", "primary", "config_maps, retry", "primary", "config_maps"]);
}

#[tokio::test]
async fn unchanged_deletes_no_version_that_the_run_has_not_seen() {
    let (journal, results, gate) = (Journal::default(), Journal::default(), Gate::open());
    let (notes, hold) = (results.clone(), gate.clone());
    let operator = Shelf::by(&journal, move |shelf, seen, cx| {
        let (notes, hold) = (notes.clone(), hold.clone());
        async move {
            let maps = cx.config_maps();
            if shelf.spec.note == "make" {
                maps.apply(config_map("x", "1")).await?;
            } else if let Some(map) = seen.config_maps.get("x").filter(|_| !shelf.spec.note.is_empty()) {
                hold.pass().await;
                let result = maps.delete_with("x", Deletion::background().unchanged()).await;
                let outcome = result.as_ref().map_or_else(ToString::to_string, bool::to_string);
                notes.note(format!("{}: {outcome}", data_of(map)));
                assert!(matches!(result, Ok(true) | Err(WriteError::Outdated { .. })));
                result?;
            }
            Ok(Action::await_change())
        }
    });
    let scene = Scene::new("unchanged", &journal, operator).await;
    scene.begin("make").await;
    scene.runs().await;
    gate.shut();
    scene.tell("delete").await;
    scene.begins(2).await;
    scene.place.patch::<ConfigMap>("x", json!({ "data": { "text": "2" } })).await;
    gate.release();
    results.reaches("2: true", 1).await;
    scene.place.gone::<ConfigMap>("x").await;
    let outdated = format!(
        "1: ConfigMap {}/x was changed since the run saw it; the next run sees the change",
        scene.place.namespace
    );
    assert_eq!(results.lines(), [outdated.as_str(), "2: true"]);
    assert_eq!(scene.operating.writes("configmaps"), ["patch 201", "delete 409", "delete 200"]);
}

#[tokio::test]
async fn an_object_made_anew_is_not_deleted_in_place_of_the_old_one() {
    let (journal, results, gate) = (Journal::default(), Journal::default(), Gate::open());
    let (notes, hold) = (results.clone(), gate.clone());
    let operator = Shelf::by(&journal, move |shelf, _, cx| {
        let (notes, hold) = (notes.clone(), hold.clone());
        async move {
            let maps: Handle<ConfigMap> = cx.config_maps();
            hold.pass().await;
            let result = match shelf.spec.note.as_str() {
                "make" => maps.apply(config_map("x", "ours")).await.map(|_| 0),
                "delete" => maps.delete("x").await.map(usize::from),
                "prune" => maps.prune::<&str>([]).await,
                _ => return Ok(Action::await_change()),
            }?;
            notes.note(format!("{}: {result}, {} left", shelf.spec.note, maps.all().len()));
            Ok(Action::await_change())
        }
    });
    let scene = Scene::new("not-in-place", &journal, operator).await;
    scene.begin("make").await;
    results.reaches("make: 0, 1 left", 1).await;
    for note in ["delete", "prune"] {
        scene.idle().await;
        gate.shut();
        let runs = scene.runs_so_far().len();
        scene.tell(note).await;
        scene.begins(runs + 1).await;
        scene.place.delete::<ConfigMap>("x").await;
        let theirs = scene.place.create(config_map("x", "theirs")).await;
        gate.release();
        results.reaches(&format!("{note}: 1, 0 left"), 1).await;
        let left = scene.place.get::<ConfigMap>("x").await.expect("it is not ours to delete");
        assert_eq!(left.metadata, theirs.metadata);
        scene.idle().await;
        scene.place.delete::<ConfigMap>("x").await;
        scene.tell("make").await;
        results.reaches("make: 0, 1 left", if note == "delete" { 2 } else { 3 }).await;
    }
}

#[tokio::test]
async fn prune_takes_what_the_primary_controls_and_nothing_else() {
    let (journal, results) = (Journal::default(), Journal::default());
    let notes = results.clone();
    let operator = Shelf::by(&journal, move |shelf, _, cx| {
        let notes = notes.clone();
        async move {
            let maps = cx.config_maps();
            match shelf.spec.note.as_str() {
                "make" => {
                    for name in ["keep", "old-1", "old-2"] {
                        maps.apply(config_map(name, "")).await?;
                    }
                }
                "prune" => {
                    let count = maps.prune(["keep"]).await?;
                    let left: Vec<_> = cx.snapshot().config_maps.iter().map(|map| map.name_any()).collect();
                    notes.note(format!("{count} pruned, left: {}", left.join(" ")));
                }
                _ => {}
            }
            Ok(Action::await_change())
        }
    });
    let scene = Scene::new("prune", &journal, operator).await;
    let place = &scene.place;
    let shelf = scene.begin("make").await;
    scene.runs().await;
    // Nobody's, somebody else's, and one that names the shelf without being controlled by it.
    place.create(config_map("old-3", "")).await;
    let owner = place.create(config_map("owner", "")).await;
    place.create(owned_by(config_map("old-4", ""), &owner)).await;
    let mut named = owned_by(config_map("old-5", ""), &shelf);
    named.metadata.owner_references.get_or_insert_default()[0].controller = None;
    place.create(named).await;
    // Controlled by the shelf, though made by another: it counts.
    place.create(owned_by(config_map("old-6", ""), &shelf)).await;
    scene.begins(2).await;
    scene.runs().await;

    scene.tell("prune").await;
    results.reaches("3 pruned, left: keep", 1).await;
    for name in ["old-1", "old-2", "old-6"] {
        place.gone::<ConfigMap>(name).await;
    }
    assert_eq!(scene.runs().await, ["primary", "config_maps", "primary"], "own deletes wake nobody");
    for name in ["keep", "marker", "old-3", "old-4", "old-5", "owner"] {
        assert!(place.get::<ConfigMap>(name).await.is_some(), "{name} is not ours to prune");
    }
}

#[tokio::test]
async fn a_cluster_scoped_primary_says_in_which_namespace() {
    let _alone = alone_with_realms().await;
    let place = place("delete-in").await;
    let other = place.another().await;
    let (journal, results) = (Journal::default(), Journal::default());
    let notes = results.clone();
    let operator = Realm::by(&journal, move |realm, _, cx| {
        let notes = notes.clone();
        async move {
            let maps = cx.config_maps();
            let [here, there] = &realm.spec.namespaces[..] else { return Ok(Action::await_change()) };
            for namespace in [here, there] {
                let mut map = config_map("delete-in", "");
                map.metadata.namespace = Some(namespace.clone());
                maps.apply(map).await?;
            }
            let patched = maps.patch_in(there, "delete-in", json!({ "data": { "text": "patched" } })).await?;
            assert_eq!((patched.namespace().as_ref(), data_of(&patched)), (Some(there), "patched"));
            let outcome = [
                maps.delete("delete-in").await?,
                maps.delete_in(there, "delete-in").await?,
                maps.delete_in(there, "delete-in").await?,
                maps.delete_with("delete-in", Deletion::background().in_namespace(here)).await?,
            ];
            notes.note(format!("{outcome:?}"));
            Ok(Action::await_change())
        }
    });
    let namespaces = vec![place.namespace.clone(), other.clone()];
    let operating = place.operate(|manager| manager.with(operator));
    let realms = Api::<Realm>::all(place.client.clone());
    let realm = Realm::new("delete-in", RealmSpec { namespaces: namespaces.clone() });
    realms.create(&PostParams::default(), &realm).await.unwrap();
    found("all is deleted", async || results.lines().pop()).await;
    assert_eq!(results.lines(), ["[false, true, false, true]"], "without a namespace there is none of that name");
    for namespace in namespaces {
        let maps = Api::<ConfigMap>::namespaced(place.client.clone(), &namespace);
        eventually("it is gone", async || maps.get_opt("delete-in").await.unwrap().is_none()).await;
    }
    assert_eq!(operating.costs().reads, 0);
    realms.delete("delete-in", &DeleteParams::default()).await.unwrap();
}
