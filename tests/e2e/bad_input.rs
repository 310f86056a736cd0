//! Objects that are not as they ought to be.

use k8s_openapi::api::core::v1::ConfigMap;
use kube::api::{DeleteParams, DynamicObject, Patch, PatchParams, PostParams};
use kube::core::ObjectMeta;
use kube::{Api, Resource, ResourceExt};
use serde_json::{Value, json};
use steersman::Action;
use tests::kinds::{Book, BookSpec, Guard, Guarded, Library, Shelf, ShelfStatus, stock};
use tests::{Gate, Journal, Place, config_map, data_of, eventually, found, owned_by};

use crate::place;

/// Sets the pages of a book to anything, which our type may not take.
async fn pages(place: &Place, name: &str, pages: Value) {
    let resource = kube::core::ApiResource::erase::<Book>(&());
    let books = Api::<DynamicObject>::namespaced_with(place.client.clone(), &place.namespace, &resource);
    let patch = Patch::Merge(json!({ "spec": { "pages": pages } }));
    books.patch(name, &PatchParams::default(), &patch).await.expect("the schema takes anything");
}

/// Creates a book that our type does not take.
async fn bad_book(place: &Place, name: &str, owner: Option<&Shelf>) {
    let resource = kube::core::ApiResource::erase::<Book>(&());
    let books = Api::<DynamicObject>::namespaced_with(place.client.clone(), &place.namespace, &resource);
    let mut book = DynamicObject::new(name, &resource).data(json!({ "spec": { "pages": "many" } }));
    book.metadata = ObjectMeta {
        name: Some(name.into()),
        owner_references: owner.map(|owner| owner.controller_owner_ref(&()).into_iter().collect()),
        ..ObjectMeta::default()
    };
    books.create(&PostParams::default(), &book).await.expect("the schema takes anything");
}

#[tokio::test]
async fn an_undecodable_primary_is_reported_once_and_stops_nothing() {
    let place = place("undecodable").await;
    place.create(Book::new("a", BookSpec { pages: 1 })).await;
    bad_book(&place, "never", None).await;
    let journal = Journal::default();
    let operator = Book::by(&journal, |book, _, cx| async move {
        cx.config_maps().apply(config_map(&book.name_any(), &book.spec.pages.to_string())).await?;
        // The answer to this is as undecodable as the book.
        cx.apply_status(ShelfStatus { count: 1 }).await?;
        Ok(Action::await_change())
    });
    let stats = operator.stats();
    let operating = place.operate(|manager| manager.with(operator.namespace(&place.namespace)));
    let text = async |name: &str, text: &str| {
        eventually(&format!("the ConfigMap {name} says {text}"), async || {
            place.get::<ConfigMap>(name).await.is_some_and(|map| data_of(&map) == text)
        })
        .await;
    };
    text("a", "1").await;

    pages(&place, "a", json!("many")).await;
    let said = place.log.says(&["WARN", "cannot be decoded", "/a"]).await;
    assert!(said.contains("derive(Operator)") && said.contains("Book") && said.contains("invalid type"), "{said}");
    // The last good copy is still worked with, and nobody takes it for deleted.
    place.delete::<ConfigMap>("a").await;
    text("a", "1").await;
    // Others go on.
    place.create(Book::new("b", BookSpec { pages: 2 })).await;
    text("b", "2").await;
    pages(&place, "a", json!(3)).await;
    text("a", "3").await;
    pages(&place, "never", json!(4)).await;
    text("never", "4").await;

    assert_eq!(place.log.lines(&["cannot be decoded", "/a"]).len(), 1);
    assert_eq!(place.log.lines(&["cannot be decoded", "/never"]).len(), 1);
    assert_eq!(journal.count("never: "), 1, "{:?}", journal.lines());
    assert_eq!(stats.failures(), 0);
    assert_eq!(operating.costs().reads, 0);
}

#[tokio::test]
async fn an_undecodable_secondary_keeps_its_last_good_copy() {
    let place = place("library").await;
    let owner = place.create(Shelf::of("a", &[])).await;
    place.create(owned_by(Book::new("good", BookSpec { pages: 1 }), &owner)).await;
    bad_book(&place, "bad", Some(&owner)).await;
    let (journal, seen) = (Journal::default(), Journal::default());
    let notes = seen.clone();
    let operator = Library::by(&journal, move |_, seen, _| {
        let books: Vec<_> = seen.books.iter().map(|b| format!("{}={}", b.name_any(), b.spec.pages)).collect();
        notes.note(books.join(" "));
        async { Ok(Action::await_change()) }
    });
    let stats = operator.stats();
    let _operating = place.operate(|manager| manager.with(operator.namespace(&place.namespace)));
    journal.reaches("a: startup", 1).await;
    place.log.says(&["WARN", "cannot be decoded", "/bad", "#[secondary(Book)] of Library"]).await;
    pages(&place, "good", json!(["one"])).await;
    journal.reaches("a: books", 1).await;
    pages(&place, "good", json!(2)).await;
    journal.reaches("a: books", 2).await;
    pages(&place, "bad", json!(3)).await;
    journal.reaches("a: books", 3).await;
    assert_eq!(seen.lines(), ["good=1", "good=1", "good=2", "bad=3 good=2"]);
    assert_eq!(stats.failures(), 0);
}

#[tokio::test]
async fn a_users_own_object_of_that_name_is_left_alone() {
    let place = place("theirs").await;
    place.create(config_map("x", "theirs")).await;
    let journal = Journal::default();
    let operator = Shelf::stocker(&journal).namespace(&place.namespace);
    let stats = operator.stats();
    let _operating = place.operate(|manager| manager.with(operator));
    let theirs = place.get::<ConfigMap>("x").await.unwrap();
    place.create(Shelf::of("a", &["x"])).await;
    let said = place.log.says(&["WARN", "ConfigMap", "/x exists", "not belong to"]).await;
    assert!(said.contains("rename it or delete it"), "{said}");
    place.log.says(&["begins", "retry"]).await;
    let left = place.get::<ConfigMap>("x").await.unwrap();
    assert_eq!(left.resource_version(), theirs.resource_version(), "nobody has touched it");

    place.delete::<ConfigMap>("x").await;
    let ours = found("it is ours", async || place.get::<ConfigMap>("x").await.filter(|map| data_of(map) == "x")).await;
    assert_eq!(ours.owner_references().len(), 1);
    assert!(stats.failures() >= 1);
}

#[tokio::test]
async fn a_primary_that_is_deleted_meanwhile() {
    let place = place("meanwhile").await;
    let guard = Guard { journal: Journal::default(), entrance: Gate::closed(), exit: Gate::open() };
    let journal = guard.journal.clone();
    let (plain, gate) = (Journal::default(), guard.entrance.clone());
    let without = Shelf::by(&plain, move |shelf, _, cx| {
        let gate = gate.clone();
        async move {
            gate.pass().await;
            if shelf.name_any() == "plain" {
                cx.config_maps().apply(config_map("late", "")).await?;
            }
            Ok(Action::await_change())
        }
    });
    let with = Guarded::operator(guard.clone());
    let operating = place
        .operate(|manager| manager.with(with.namespace(&place.namespace)).with(without.namespace(&place.namespace)));
    place.create(Shelf::of("guarded", &["early"])).await;
    journal.reaches("guarded: ", 1).await;
    place.delete::<Shelf>("guarded").await;
    // The run goes on to its end, then comes the cleanup.
    guard.entrance.release();
    place.gone::<Shelf>("guarded").await;
    let lines: Vec<_> = journal.lines().into_iter().filter(|line| line.starts_with("guarded cleanup")).collect();
    assert_eq!(lines.len(), 1, "{:?}", journal.lines());
    // What it wrote is collected.
    place.gone::<ConfigMap>("early").await;

    guard.entrance.shut();
    place.create(Shelf::of("plain", &[])).await;
    plain.reaches("plain: ", 1).await;
    journal.reaches("plain: ", 1).await;
    let gone: Value = json!({ "metadata": { "finalizers": null } });
    place.delete::<Shelf>("plain").await;
    place.patch::<Shelf>("plain", gone).await;
    place.gone::<Shelf>("plain").await;
    guard.entrance.release();
    place.create(Shelf::of("marker", &[])).await;
    plain.reaches("marker: ", 1).await;
    journal.reaches("marker: ", 1).await;
    place.gone::<ConfigMap>("late").await;
    assert_eq!((plain.count("plain: "), journal.count("plain")), (1, 1), "{:?} {:?}", plain.lines(), journal.lines());
    assert!(operating.is_running());
}

#[tokio::test]
async fn another_primary_of_the_same_name_has_nothing_of_the_old_one() {
    let place = place("anew").await;
    let (journal, gate) = (Journal::default(), Gate::closed());
    let (hold, seen) = (gate.clone(), Journal::default());
    let notes = seen.clone();
    let operator = Shelf::by(&journal, move |shelf, seen, cx| {
        let (hold, notes) = (hold.clone(), notes.clone());
        async move {
            let maps: Vec<_> = seen.config_maps.iter().map(|map| map.name_any()).collect();
            notes.note(format!("{}: {}", shelf.spec.note, maps.join(" ")));
            if shelf.spec.note == "old" {
                hold.pass().await;
            }
            stock(&shelf.spec, &cx.config_maps()).await?;
            Ok(Action::await_change())
        }
    });
    let _operating = place.operate(|manager| manager.with(operator.namespace(&place.namespace)));
    let mut old = Shelf::of("a", &["x"]);
    old.spec.note = "old".into();
    let old = place.create(old).await;
    seen.reaches("old: ", 1).await;
    let left = place.create(owned_by(config_map("left", ""), &old)).await;
    // Its child stays: the garbage collector is told not to take it at once.
    place.api::<Shelf>().delete("a", &DeleteParams::background()).await.unwrap();
    let mut new = Shelf::of("a", &["x"]);
    new.spec.note = "new".into();
    let new = place.create(new).await;
    assert_ne!(new.uid(), old.uid());
    place.create(Shelf::of("marker", &[])).await;
    journal.reaches("marker: ", 1).await;
    assert_eq!(seen.count("new: "), 0, "the name is still held by the run of the old one");
    gate.release();

    let ours = found("the ConfigMap belongs to the new one", async || {
        let map = place.get::<ConfigMap>("x").await?;
        map.owner_references().iter().any(|owner| Some(&owner.uid) == new.meta().uid.as_ref()).then_some(map)
    })
    .await;
    assert_eq!(data_of(&ours), "x");
    let first = seen.lines().into_iter().find(|line| line.starts_with("new: "));
    assert_eq!(first.as_deref(), Some("new: "), "{:?}", seen.lines());
    assert!(seen.lines().iter().all(|line| !line.contains("left") || line.starts_with("old")), "{:?}", seen.lines());
    place.gone::<ConfigMap>(&left.name_any()).await;
}
