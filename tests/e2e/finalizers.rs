//! Finalizers that earlier releases of an operator have left behind.

use k8s_openapi::api::core::v1::ConfigMap;
use kube::ResourceExt;
use serde_json::json;
use steersman::{Action, Stats};
use tests::kinds::{Dropped, Guard, Renamed, Shelf, stock};
use tests::{Gate, Journal, Operating, Place, eventually};

use crate::place;

const FOREIGN: &str = "somebody.dev/keep";
const FORMER: &str = "test.steersman.dev/guarded";
const OLDEST: &str = "guarded";
const NEW: &str = "test.steersman.dev/renamed";

/// A shelf with one ConfigMap of its name and these finalizers.
async fn shelf(place: &Place, name: &str, finalizers: &[&str]) {
    let mut shelf = Shelf::of(name, &[name]);
    shelf.metadata.finalizers = Some(finalizers.iter().map(ToString::to_string).collect());
    place.create(shelf).await;
}

async fn carries(place: &Place, name: &str, finalizers: &[&str]) {
    eventually(&format!("{name} has the finalizers {finalizers:?}"), async || {
        place.get::<Shelf>(name).await.is_some_and(|shelf| shelf.finalizers() == finalizers)
    })
    .await;
}

/// Patches of this shelf itself so far.
fn patches(operating: &Operating, name: &str) -> usize {
    let requests = operating.requests();
    requests.iter().filter(|r| r.verb == "patch" && r.resource == "shelves" && r.name == name).count()
}

/// The echoes of all that has happened so far are known: later changes, to another shelf, have made runs.
async fn echoed(place: &Place, journal: &Journal, marker: &str) {
    place.create(Shelf::of(marker, &[marker])).await;
    eventually("the marker is there", async || place.get::<ConfigMap>(marker).await.is_some()).await;
    place.delete::<ConfigMap>(marker).await;
    journal.reaches(&format!("{marker}: config_maps"), 1).await;
}

fn renamed(place: &Place, exit: Gate) -> (Operating, Journal, Stats) {
    let guard = Guard { journal: Journal::default(), entrance: Gate::open(), exit };
    let journal = guard.journal.clone();
    let operator = Renamed::operator(guard).namespace(&place.namespace);
    let stats = operator.stats();
    (place.operate(|manager| manager.with(operator)), journal, stats)
}

fn dropped(place: &Place) -> (Operating, Journal, Stats) {
    let journal = Journal::default();
    let operator = Dropped::by(&journal, |shelf, _, cx| async move {
        stock(&shelf.spec, &cx.config_maps()).await?;
        Ok(Action::await_change())
    });
    let operator = operator.namespace(&place.namespace);
    let stats = operator.stats();
    (place.operate(|manager| manager.with(operator)), journal, stats)
}

#[tokio::test]
async fn a_renamed_finalizer_takes_the_place_of_the_former_ones_in_one_write() {
    let place = place("renamed").await;
    shelf(&place, "a", &[FORMER, FOREIGN, OLDEST]).await;
    shelf(&place, "b", &[FOREIGN, NEW]).await;
    let (operating, journal, stats) = renamed(&place, Gate::open());
    carries(&place, "a", &[FOREIGN, NEW]).await;
    echoed(&place, &journal, "marker").await;
    assert_eq!((journal.count("a"), journal.count("b")), (1, 1), "{:?}", journal.lines());
    assert_eq!((patches(&operating, "a"), patches(&operating, "b")), (1, 0));
    carries(&place, "b", &[FOREIGN, NEW]).await;

    // A restart finds nothing to do.
    operating.stop().await;
    let (operating, journal, _) = renamed(&place, Gate::open());
    journal.reaches("a: startup", 1).await;
    echoed(&place, &journal, "marker-2").await;
    assert_eq!((patches(&operating, "a"), journal.count("a")), (0, 1), "{:?}", journal.lines());
    assert_eq!(stats.failures(), 0);
    assert_eq!(operating.costs().reads, 0);
}

#[tokio::test]
async fn a_deletion_under_a_former_finalizer_waits_for_the_cleanup() {
    let place = place("former").await;
    for (name, finalizers) in [("a", &[FORMER][..]), ("b", &[FOREIGN, OLDEST, NEW]), ("c", &[FOREIGN])] {
        shelf(&place, name, finalizers).await;
        place.delete::<Shelf>(name).await;
    }
    let exit = Gate::closed();
    let (operating, journal, stats) = renamed(&place, exit.clone());
    journal.reaches("a cleanup", 1).await;
    journal.reaches("b cleanup", 1).await;
    echoed(&place, &journal, "marker").await;
    carries(&place, "a", &[FORMER]).await;
    carries(&place, "b", &[FOREIGN, OLDEST, NEW]).await;
    exit.release();
    place.gone::<Shelf>("a").await;
    carries(&place, "b", &[FOREIGN]).await;
    // Now it is none of our business any more, like the one that never was.
    place.patch::<Shelf>("b", json!({ "spec": { "note": "x" } })).await;
    place.patch::<Shelf>("c", json!({ "spec": { "note": "x" } })).await;
    echoed(&place, &journal, "marker-2").await;
    let of = |name: &str| journal.count(name);
    assert_eq!((of("a"), of("b"), of("c")), (1, 1, 0), "{:?}", journal.lines());
    assert_eq!((patches(&operating, "a"), patches(&operating, "b"), patches(&operating, "c")), (1, 1, 0));
    assert_eq!(stats.failures(), 0);
    for name in ["b", "c"] {
        place.patch::<Shelf>(name, json!({ "metadata": { "finalizers": null } })).await;
        place.gone::<Shelf>(name).await;
    }
}

#[tokio::test]
async fn a_dropped_finalizer_is_taken_off_and_never_added() {
    let place = place("dropped").await;
    shelf(&place, "a", &[FOREIGN, FORMER]).await;
    let (operating, journal, stats) = dropped(&place);
    carries(&place, "a", &[FOREIGN]).await;
    echoed(&place, &journal, "marker").await;
    assert_eq!((journal.count("a"), patches(&operating, "a"), patches(&operating, "marker")), (1, 1, 0));
    // An earlier release that still runs beside this one would add it again.
    place.patch::<Shelf>("a", json!({ "metadata": { "finalizers": [FORMER, FOREIGN] } })).await;
    carries(&place, "a", &[FOREIGN]).await;
    assert!(place.get::<Shelf>("marker").await.unwrap().finalizers().is_empty());
    assert!(place.get::<ConfigMap>("a").await.is_some());

    place.delete::<Shelf>("marker").await;
    place.gone::<Shelf>("marker").await;
    assert_eq!((stats.failures(), operating.costs().reads), (0, 0));
}

#[tokio::test]
async fn a_dropped_finalizer_lets_go_of_what_is_being_deleted_and_does_nothing_else() {
    let place = place("let-go").await;
    for (name, finalizers) in [("a", &[FORMER][..]), ("b", &[FOREIGN, FORMER]), ("c", &[FOREIGN])] {
        shelf(&place, name, finalizers).await;
        place.delete::<Shelf>(name).await;
    }
    let (operating, journal, stats) = dropped(&place);
    place.gone::<Shelf>("a").await;
    carries(&place, "b", &[FOREIGN]).await;
    echoed(&place, &journal, "marker").await;
    let of = |name: &str| journal.count(name);
    assert_eq!((of("a"), of("b"), of("c")), (0, 0, 0), "{:?}", journal.lines());
    assert!(place.get::<ConfigMap>("a").await.is_none() && place.get::<ConfigMap>("b").await.is_none());
    let patches = |name| patches(&operating, name);
    assert_eq!((patches("a"), patches("b"), patches("c")), (1, 1, 0));
    assert_eq!(stats.failures(), 0);
    for name in ["b", "c"] {
        place.patch::<Shelf>(name, json!({ "metadata": { "finalizers": null } })).await;
    }
}
