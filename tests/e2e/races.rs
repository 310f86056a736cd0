//! Writes while others write the same objects.

use std::collections::BTreeMap;
use std::time::Duration;

use k8s_openapi::api::core::v1::ConfigMap;
use kube::api::{DeleteParams, Patch, PatchParams, PostParams};
use kube::{Api, ResourceExt};
use serde_json::json;
use steersman::{Action, WriteError};
use tests::kinds::{Realm, RealmSpec, Shelf};
use tests::{Gate, Journal, config_map, data_of, eventually, found, owned_by};

use crate::scene::Scene;
use crate::{alone_with_realms, place};

#[tokio::test]
async fn concurrent_edits_lose_nothing() {
    const WRITERS: usize = 4;
    const EDITS: usize = 60;
    let journal = Journal::default();
    let operator = Shelf::by(&journal, |shelf, _, cx| async move {
        if !shelf.spec.note.is_empty() {
            cx.config_maps().apply(config_map("x", &shelf.spec.note)).await?;
            let note = json!({ "data": { "patched": shelf.spec.note } });
            cx.config_maps().patch("x", note).await?;
        }
        Ok(Action::await_change())
    });
    let stats = operator.stats();
    let scene = Scene::new("concurrent", &journal, operator).await;
    let place = &scene.place;
    scene.begin("begin").await;
    scene.runs().await;
    let edit = async |writer: usize| {
        for edit in 1..=EDITS {
            place.patch::<ConfigMap>("x", json!({ "data": { format!("w{writer}"): edit.to_string() } })).await;
        }
    };
    let tell = async {
        for i in 0..20 {
            scene.tell(&format!("note {i}")).await;
            // Some of them together with an edit of what we apply.
            if i % 4 == 0 {
                place.patch::<ConfigMap>("x", json!({ "data": { "text": "foreign" } })).await;
            }
        }
    };
    tokio::join!(futures::future::join_all((0..WRITERS).map(edit)), tell);
    let mut expected: BTreeMap<String, String> =
        (0..WRITERS).map(|writer| (format!("w{writer}"), EDITS.to_string())).collect();
    expected.extend(["text", "patched"].map(|key| (key.into(), "note 19".into())));
    eventually("everybody has what he wrote last", async || {
        place.get::<ConfigMap>("x").await.unwrap().data.unwrap() == expected
    })
    .await;
    let runs = scene.runs().await.len();
    assert_eq!(stats.failures(), 0);
    let writes = scene.operating.writes("configmaps");
    assert!(writes.iter().all(|write| ["patch 200", "patch 201", "patch 409"].contains(&&**write)), "{writes:?}");
    assert!(writes.iter().any(|write| write == "patch 409"), "nobody was faster: {writes:?}");
    // Two writes in each run, of which each may be refused three times.
    assert!(writes.len() <= runs * 8 && runs <= WRITERS * EDITS + 60, "{} writes in {runs} runs", writes.len());
    let sent = writes.len();
    scene.runs().await;
    assert_eq!(scene.operating.writes("configmaps").len(), sent, "it has come to rest");
    assert_eq!(scene.operating.costs().reads, 0);
}

#[tokio::test]
async fn what_somebody_has_just_deleted_is_made_anew_and_looked_at_again() {
    let (journal, seen, gate) = (Journal::default(), Journal::default(), Gate::open());
    let (notes, hold) = (seen.clone(), gate.clone());
    let operator = Shelf::by(&journal, move |shelf, seen, cx| {
        let (notes, hold) = (notes.clone(), hold.clone());
        async move {
            if !shelf.spec.note.is_empty() {
                hold.pass().await;
                let map = cx.config_maps().apply(config_map("x", &shelf.spec.note)).await?;
                let known = seen.config_maps.get("x").is_some_and(|old| old.uid() == map.uid());
                notes.note(format!("{}: {}", shelf.spec.note, if known { "known" } else { "new" }));
            }
            Ok(Action::await_change())
        }
    });
    let scene = Scene::new("revived", &journal, operator).await;
    let place = &scene.place;
    scene.begin("1").await;
    assert_eq!(scene.runs().await, ["primary"]);
    let first = place.get::<ConfigMap>("x").await.unwrap();

    gate.shut();
    scene.tell("2").await;
    scene.begins(2).await;
    place.delete::<ConfigMap>("x").await;
    gate.release();
    // The old one is not revived: first it is noticed that it is gone, then one more run sees what that means.
    scene.begins(3).await;
    assert_eq!(scene.runs().await[1..], ["primary", "config_maps, retry"]);
    let second = place.get::<ConfigMap>("x").await.unwrap();
    assert_ne!(first.uid(), second.uid());
    assert_eq!(seen.lines(), ["1: new", "2: new", "2: known"]);
    assert_eq!(scene.operating.writes("configmaps"), ["patch 201", "patch 409", "patch 201"]);

    // One that goes with its last finalizer, in the midst of a run that still changes it.
    let held = json!({ "metadata": { "finalizers": ["test.steersman.dev/held"] } });
    place.patch::<ConfigMap>("x", held).await;
    place.delete::<ConfigMap>("x").await;
    scene.begins(4).await;
    scene.runs().await;
    gate.shut();
    let runs = scene.runs_so_far().len();
    scene.tell("3").await;
    scene.begins(runs + 1).await;
    place.patch::<ConfigMap>("x", json!({ "metadata": { "finalizers": null } })).await;
    gate.release();
    let third = found("there is a new one", async || {
        place.get::<ConfigMap>("x").await.filter(|map| data_of(map) == "3" && map.uid() != second.uid())
    })
    .await;
    assert!(third.metadata.deletion_timestamp.is_none());
    eventually("one more run has seen it", async || seen.lines().ends_with(&["3: new".into(), "3: known".into()]))
        .await;
    scene.runs().await;
    assert_eq!(place.get::<ConfigMap>("x").await.unwrap().uid(), third.uid(), "once is enough");
}

#[tokio::test]
async fn an_object_made_anew_in_the_midst_of_a_run_is_not_taken_for_the_old_one() {
    let (journal, results, gate) = (Journal::default(), Journal::default(), Gate::open());
    let (notes, hold) = (results.clone(), gate.clone());
    let operator = Shelf::by(&journal, move |shelf, _, cx| {
        let (notes, hold) = (notes.clone(), hold.clone());
        async move {
            let maps = cx.config_maps();
            hold.pass().await;
            let result = match shelf.spec.note.as_str() {
                "apply" | "apply again" => maps.apply(config_map("x", "ours")).await.map(drop),
                "replace" => maps.replace(config_map("x", "replaced")).await.map(drop),
                "patch" => maps.patch("x", json!({ "data": { "text": "patched" } })).await.map(drop),
                _ => return Ok(Action::await_change()),
            };
            notes.note(result.as_ref().map_or_else(ToString::to_string, |()| shelf.spec.note.clone()));
            result?;
            Ok(Action::await_change())
        }
    });
    let scene = Scene::new("made-anew", &journal, operator).await;
    scene.begin("apply").await;
    results.reaches("apply", 1).await;
    for (note, error) in [
        ("replace", "is gone or was made anew while it was written"),
        ("patch", "is gone or was made anew while it was written"),
        ("apply again", "exists and does not belong to"),
    ] {
        gate.shut();
        let runs = scene.runs_so_far().len();
        scene.tell(note).await;
        scene.begins(runs + 1).await;
        scene.place.delete::<ConfigMap>("x").await;
        let theirs = scene.place.create(config_map("x", "theirs")).await;
        gate.release();
        let line =
            found("the write is refused", async || results.lines().into_iter().find(|l| l.contains(error))).await;
        assert!(line.contains("/x "), "{line}");
        let left = scene.place.get::<ConfigMap>("x").await.unwrap();
        assert_eq!(left.metadata, theirs.metadata, "nobody has touched it");
        scene.place.delete::<ConfigMap>("x").await;
        scene.tell("apply").await;
        eventually("it is ours", async || {
            scene.place.get::<ConfigMap>("x").await.is_some_and(|map| data_of(&map) == "ours")
        })
        .await;
        results.take();
        scene.idle().await;
    }
}

#[tokio::test]
async fn an_owner_that_cannot_be_is_refused_before_anything_is_sent() {
    let (journal, errors) = (Journal::default(), Journal::default());
    let notes = errors.clone();
    let operator = Shelf::by(&journal, move |shelf, _, cx| {
        let notes = notes.clone();
        async move {
            if shelf.spec.note.is_empty() {
                return Ok(Action::await_change());
            }
            let maps = cx.config_maps();
            let mut across = config_map("x", "");
            across.metadata.namespace = Some("default".into());
            let other = Shelf::new("other", shelf.spec.clone());
            let mut other =
                Shelf { metadata: kube::core::ObjectMeta { uid: Some("u".into()), ..other.metadata }, ..other };
            other.metadata.namespace = shelf.namespace();
            let controlled = owned_by(config_map("y", ""), &other);
            for map in [across, controlled] {
                let results = [
                    maps.apply(map.clone()).await,
                    maps.adopt(map.clone()).await,
                    maps.create(map.clone()).await,
                    maps.replace(map).await,
                ];
                for result in results {
                    let error = result.expect_err("it cannot be owned");
                    assert!(matches!(error, WriteError::CannotRelate { .. }), "{error:?}");
                    notes.note(error.to_string());
                }
            }
            Ok(Action::await_change())
        }
    });
    let stats = operator.stats();
    let scene = Scene::new("cannot-own", &journal, operator).await;
    scene.begin("go").await;
    errors.reaches("", 8).await;
    assert_eq!(scene.runs().await, ["primary"], "what was not sent hides nothing");
    let namespace = &scene.place.namespace;
    for line in &errors.lines()[..4] {
        let begins = format!("ConfigMap default/x cannot belong to Shelf {namespace}/a; owner references do not cross");
        assert!(line.starts_with(&begins) && line.ends_with("use the primary's namespace"), "{line}");
    }
    for line in &errors.lines()[4..] {
        let begins =
            format!("ConfigMap {namespace}/y cannot belong to Shelf {namespace}/a; it names another controller");
        assert!(line.starts_with(&begins), "{line}");
    }
    assert_eq!((scene.operating.costs().writes, stats.writes(), stats.failures()), (0, 0, 0));
}

#[tokio::test]
async fn a_cluster_scoped_primary_must_say_where() {
    let _alone = alone_with_realms().await;
    let place = place("nowhere").await;
    let (journal, stopped) = (Journal::default(), Journal::default());
    let notes = stopped.clone();
    let operator = Realm::by(&journal, move |realm, _, cx| {
        let notes = notes.clone();
        async move {
            let mut map = config_map("nowhere", "");
            map.metadata.namespace = realm.spec.namespaces.first().cloned();
            let result = cx.config_maps().apply(map).await;
            notes.note(result.as_ref().map_or_else(ToString::to_string, |_| "done".into()));
            result?;
            Ok(Action::await_change())
        }
    });
    let operating = place.operate(|manager| manager.with(operator.max_backoff(Duration::from_secs(1))));
    let realms = Api::<Realm>::all(place.client.clone());
    realms.create(&PostParams::default(), &Realm::new("nowhere", RealmSpec::default())).await.unwrap();
    stopped.reaches("ConfigMap nowhere cannot belong to Realm nowhere; it needs a namespace", 2).await;
    assert_eq!(operating.costs().writes, 0);
    let patch = Patch::Merge(json!({ "spec": { "namespaces": [place.namespace] } }));
    realms.patch("nowhere", &PatchParams::default(), &patch).await.unwrap();
    stopped.reaches("done", 1).await;
    assert_eq!(operating.costs().writes, 1);
    realms.delete("nowhere", &DeleteParams::default()).await.unwrap();
}
