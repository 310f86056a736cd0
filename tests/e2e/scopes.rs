//! Which objects an operator sees.

use k8s_openapi::api::core::v1::ConfigMap;
use kube::api::{DeleteParams, Patch, PatchParams, PostParams};
use kube::{Api, ResourceExt};
use serde_json::json;
use steersman::Action;
use tests::kinds::{Globe, GlobeSpec, Realm, RealmSpec, Shelf, Single, stock};
use tests::{Journal, config_map, eventually, owned_by};

use crate::{alone_with_realms, place};

#[tokio::test]
async fn operators_of_one_manager_share_watches_and_judge_for_themselves() {
    let place = place("share").await;
    let (writes, reads) = (Journal::default(), Journal::default());
    let writer = Shelf::stocker(&writes).namespace(&place.namespace);
    let reader = Single::by(&reads, |_, _, _| async { Ok(Action::await_change()) }).namespace(&place.namespace);
    let operating = place.operate(|manager| manager.with(writer).with(reader));
    place.started(2).await;
    place.create(Shelf::of("a", &["x"])).await;
    writes.reaches("a: primary", 1).await;
    // What the one writes is news to the other, though it goes through the same cache.
    reads.reaches("a: config_map", 1).await;
    place.patch::<ConfigMap>("x", json!({ "data": { "text": "foreign" } })).await;
    writes.reaches("a: config_maps", 1).await;
    reads.reaches("a: config_map", 2).await;
    assert_eq!(writes.lines(), ["a: primary", "a: config_maps"]);
    assert_eq!((operating.watches("shelves"), operating.watches("configmaps")), (1, 1));
    assert_eq!(operating.costs().watches, 2);
}

#[tokio::test]
async fn one_namespace_or_all_and_equal_names_in_two() {
    let place = place("namespaces").await;
    let other = place.another().await;
    let (here, everywhere) = (Journal::default(), Journal::default());
    let apply = |journal: &Journal| {
        Globe::by(journal, |globe, seen, cx| async move {
            assert!(seen.config_maps.iter().all(|map| map.namespace() == globe.namespace()));
            cx.config_maps().apply(config_map("same", &globe.spec.note)).await?;
            Ok(Action::await_change())
        })
    };
    let globes = |namespace: &str| Api::<Globe>::namespaced(place.client.clone(), namespace);
    let maps = |namespace: &str| Api::<ConfigMap>::namespaced(place.client.clone(), namespace);
    let text = async |namespace: &str, text: &str| {
        eventually(&format!("the ConfigMap in {namespace} says {text}"), async || {
            maps(namespace).get_opt("same").await.unwrap().is_some_and(|map| tests::data_of(&map) == text)
        })
        .await;
    };
    let globe = |note: &str| Globe::new("same", GlobeSpec { note: note.into() });
    globes(&place.namespace).create(&PostParams::default(), &globe("here")).await.unwrap();
    globes(&other).create(&PostParams::default(), &globe("there")).await.unwrap();

    let operating = place.operate(|manager| manager.with(apply(&here).namespace(&place.namespace)));
    text(&place.namespace, "here").await;
    operating.stop().await;
    assert_eq!(here.lines(), ["same: startup"]);
    assert!(maps(&other).get_opt("same").await.unwrap().is_none());

    let operating = place.operate(|manager| manager.with(apply(&everywhere)));
    text(&other, "there").await;
    everywhere.reaches("same: startup", 2).await;
    maps(&other).delete("same", &DeleteParams::default()).await.unwrap();
    text(&other, "there").await;
    text(&place.namespace, "here").await;
    everywhere.reaches("same: config_maps", 1).await;
    let lines: Vec<_> = everywhere.lines().into_iter().filter(|line| line.starts_with("same")).collect();
    assert_eq!(lines, ["same: startup", "same: startup", "same: config_maps"]);
    assert_eq!(operating.costs().reads, 0);
    assert!(operating.requests().iter().filter(|r| r.verb == "watch").all(|r| r.namespace.is_empty()));
}

#[tokio::test]
async fn an_owner_in_another_namespace_is_none() {
    let place = place("across").await;
    let other = place.another().await;
    let journal = Journal::default();
    let seen = Journal::default();
    let notes = seen.clone();
    // In all namespaces, so that both objects are seen at all; those of the other test do not matter.
    let operator = Globe::by(&journal, move |globe, seen, _| {
        notes.note(format!("{} {}", globe.name_any(), seen.config_maps.len()));
        async { Ok(Action::await_change()) }
    });
    let owner = place.create(Globe::new("across", GlobeSpec::default())).await;
    let _operating = place.operate(|manager| manager.with(operator));
    journal.reaches("across: ", 1).await;

    let maps = Api::<ConfigMap>::namespaced(place.client.clone(), &other);
    maps.create(&PostParams::default(), &owned_by(config_map("foreign", ""), &owner)).await.unwrap();
    place.create(owned_by(config_map("ours", ""), &owner)).await;
    journal.reaches("across: config_maps", 1).await;
    // The garbage collector takes the one in the other namespace; nobody is to notice that either.
    eventually("the garbage collector has it", async || maps.get_opt("foreign").await.unwrap().is_none()).await;
    place.create(owned_by(config_map("more", ""), &owner)).await;
    journal.reaches("across: config_maps", 2).await;
    assert_eq!(
        seen.lines().into_iter().filter(|l| l.starts_with("across")).collect::<Vec<_>>(),
        ["across 0", "across 1", "across 2"]
    );
}

#[tokio::test]
async fn a_cluster_scoped_primary_has_children_in_namespaces() {
    let _alone = alone_with_realms().await;
    let place = place("realm").await;
    let other = place.another().await;
    let journal = Journal::default();
    let operator = Realm::by(&journal, |realm, _, cx| async move {
        let handle = cx.config_maps();
        for namespace in &realm.spec.namespaces {
            let mut map = config_map("same", &realm.name_any());
            map.metadata.namespace = Some(namespace.clone());
            handle.apply(map).await?;
        }
        for map in &handle.all() {
            let namespace = map.namespace().unwrap_or_default();
            if !realm.spec.namespaces.contains(&namespace) {
                assert!(handle.delete_in(&namespace, "same").await?);
            }
        }
        let seen = cx.snapshot().config_maps;
        for namespace in &realm.spec.namespaces {
            assert!(seen.get_in(namespace, "same").is_some());
        }
        assert_eq!(seen.len(), realm.spec.namespaces.len());
        Ok(Action::await_change())
    });
    let stats = operator.stats();
    let operating = place.operate(|manager| manager.with(operator));
    place.started(1).await;
    let realms = Api::<Realm>::all(place.client.clone());
    // Cluster-scoped names are shared with other test runs on this control plane: none.
    let name = place.namespace.clone();
    let spec = RealmSpec { namespaces: vec![place.namespace.clone(), other.clone()] };
    realms.create(&PostParams::default(), &Realm::new(&name, spec)).await.unwrap();
    let there = Api::<ConfigMap>::namespaced(place.client.clone(), &other);
    eventually("both ConfigMaps are there", async || {
        place.get::<ConfigMap>("same").await.is_some() && there.get_opt("same").await.unwrap().is_some()
    })
    .await;

    there.delete("same", &DeleteParams::default()).await.unwrap();
    journal.reaches(&format!("{name}: config_maps"), 1).await;
    eventually("it is there again", async || there.get_opt("same").await.unwrap().is_some()).await;
    let fewer = json!({ "spec": { "namespaces": [place.namespace] } });
    realms.patch(&name, &PatchParams::default(), &Patch::Merge(fewer)).await.unwrap();
    eventually("one is gone", async || there.get_opt("same").await.unwrap().is_none()).await;
    journal.reaches(&format!("{name}: primary"), 2).await;
    let expected = ["primary", "config_maps", "primary"].map(|trigger| format!("{name}: {trigger}"));
    assert_eq!(journal.lines(), expected);
    assert_eq!((stats.failures(), operating.costs().reads), (0, 0));

    realms.delete(&name, &DeleteParams::default()).await.unwrap();
    place.gone::<ConfigMap>("same").await;
}

#[tokio::test]
async fn of_several_where_one_is_declared_the_oldest_is_taken() {
    let place = place("oldest").await;
    let journal = Journal::default();
    let seen = Journal::default();
    let notes = seen.clone();
    let operator = Single::by(&journal, move |_, seen, cx| {
        let one = seen.config_map.as_deref().map(ResourceExt::name_any).unwrap_or_default();
        notes.note(format!("{one} of {}", cx.config_map().all().len()));
        async { Ok(Action::await_change()) }
    });
    let _operating = place.operate(|manager| manager.with(operator.namespace(&place.namespace)));
    place.started(1).await;
    let owner = place.create(Shelf::of("a", &[])).await;
    journal.reaches("a: primary", 1).await;
    let old = place.create(owned_by(config_map("z-old", ""), &owner)).await;
    journal.reaches("a: config_map", 1).await;
    assert!(place.log.lines(&["declared `one`"]).is_empty());
    // creationTimestamp has seconds.
    eventually("there is a later second", async || {
        place.create(config_map("clock", "")).await.creation_timestamp() > old.creation_timestamp() || {
            place.delete::<ConfigMap>("clock").await;
            false
        }
    })
    .await;
    place.create(owned_by(config_map("a-new", ""), &owner)).await;
    journal.reaches("a: config_map", 2).await;
    place.log.says(&["WARN", "ConfigMap", "declared `one`", "count=2", "a"]).await;
    place.delete::<ConfigMap>("z-old").await;
    journal.reaches("a: config_map", 3).await;
    assert_eq!(seen.lines(), [" of 0", "z-old of 1", "z-old of 2", "a-new of 1"]);
}

#[tokio::test]
async fn objects_of_others_do_not_matter() {
    let place = place("others").await;
    let journal = Journal::default();
    let operator = Shelf::by(&journal, |shelf, seen, cx| async move {
        assert!(seen.config_maps.iter().all(|map| shelf.spec.maps.contains_key(&map.name_any())));
        stock(&shelf.spec, &cx.config_maps()).await?;
        Ok(Action::await_change())
    });
    let stats = operator.stats();
    let _operating = place.operate(|manager| manager.with(operator.namespace(&place.namespace)));
    place.started(1).await;
    let owner = place.create(Shelf::of("a", &["x"])).await;
    eventually("the ConfigMap is there", async || place.get::<ConfigMap>("x").await.is_some()).await;

    // Nobody's, a stranger's of another group, one that is owned without being controlled.
    place.create(config_map("nobody", "")).await;
    let mut strange = owned_by(config_map("strange", ""), &owner);
    strange.metadata.owner_references.as_mut().unwrap()[0].api_version = "somebody.dev/v1".into();
    place.create(strange).await;
    let mut shared = owned_by(config_map("shared", ""), &owner);
    shared.metadata.owner_references.as_mut().unwrap()[0].controller = Some(false);
    place.create(shared).await;
    for name in ["nobody", "strange", "shared"] {
        place.patch::<ConfigMap>(name, json!({ "data": { "text": "changed" } })).await;
    }
    place.patch::<ConfigMap>("x", json!({ "data": { "text": "changed" } })).await;
    journal.reaches("a: config_maps", 1).await;
    assert_eq!(journal.lines(), ["a: primary", "a: config_maps"]);
    assert_eq!(stats.failures(), 0);
}

#[tokio::test]
async fn several_namespaces_share_a_watch_or_have_one_each_as_the_rights_allow() {
    let (first, second) = (place("first").await, place("second").await);
    let namespaces = || [&first, &second].map(|place| place.namespace.clone());
    let wide = Journal::default();
    for place in [&first, &second] {
        place.create(Shelf::of("a", &["x"])).await;
    }
    let outside = place("outside").await;
    outside.create(Shelf::of("a", &["x"])).await;
    let operating =
        first.operate_under(Shelf::rules(), |manager| manager.with(Shelf::stocker(&wide).namespaces(namespaces())));
    for place in [&first, &second] {
        place.there::<ConfigMap>("x").await;
    }
    assert_eq!(wide.lines(), ["a: startup", "a: startup"]);
    assert_eq!((operating.watches("shelves"), operating.watches("configmaps")), (1, 1));
    operating.stop().await;

    let each = Journal::default();
    let operating = first.operate(|manager| manager.with(Shelf::stocker(&each).namespaces(namespaces())));
    each.reaches("a: startup", 2).await;
    for place in [&first, &second] {
        place.delete::<ConfigMap>("x").await;
        place.there::<ConfigMap>("x").await;
    }
    each.reaches("a: config_maps", 2).await;
    assert_eq!((operating.watches("shelves"), operating.watches("configmaps")), (2, 2));
    // What is meant is not proposed to be mended.
    assert_eq!(outside.log.lines(&["WARN", "the watch does not work"]), [""; 0]);
    assert!(outside.get::<ConfigMap>("x").await.is_none());
    assert_eq!(each.lines().len(), 4, "{:?}", each.lines());
}
