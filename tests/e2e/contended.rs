//! Our finalizer on primaries that others edit all the time.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use futures::TryStreamExt;
use kube::api::{ListParams, Patch, PatchParams, PostParams, WatchEvent, WatchParams};
use kube::{Api, ResourceExt};
use serde_json::{Value, json};
use steersman::{Action, BoxError, Cleanup};
use tests::kinds::{Guarded, GuardedContext, GuardedReconciler, GuardedSnapshot, Shelf};
use tests::{Journal, eventually};
use tokio::task::JoinSet;

use crate::place;

const OURS: &str = "test.steersman.dev/guarded";
/// A foreign finalizer that is there from beginning to end.
const KEEP: &str = "somebody.dev/keep";
const SHELVES: usize = 5;

fn carries(shelf: &Shelf, finalizer: &str) -> bool {
    shelf.finalizers().iter().any(|name| name == finalizer)
}

/// Somebody who edits one shelf until told to stop.
#[derive(Clone)]
struct Writer {
    shelves: Api<Shelf>,
    name: String,
    stop: Arc<AtomicBool>,
    edits: Arc<AtomicUsize>,
}

impl Writer {
    fn goes_on(&self) -> bool {
        self.edits.fetch_add(1, Ordering::Relaxed);
        !self.stop.load(Ordering::Relaxed)
    }

    async fn get(&self) -> Shelf {
        self.shelves.get(&self.name).await.expect("the shelf is kept")
    }

    /// Sets a label, whatever the version.
    async fn label(self) {
        for i in 0.. {
            if !self.goes_on() {
                break;
            }
            let patch = Patch::Merge(json!({ "metadata": { "labels": { "somebody.dev/count": i.to_string() } } }));
            self.shelves.patch(&self.name, &PatchParams::default(), &patch).await.expect("a label can be set");
        }
    }

    /// Replaces the whole object in the version that was read, like an editor.
    async fn annotate(self) {
        while self.goes_on() {
            let mut shelf = self.get().await;
            let count = shelf.resource_version();
            shelf.annotations_mut().insert("somebody.dev/count".into(), count.unwrap_or_default());
            match self.shelves.replace(&self.name, &PostParams::default(), &shelf).await {
                Ok(_) => {}
                Err(kube::Error::Api(status)) if status.code == 409 => {}
                Err(error) => panic!("{error}"),
            }
        }
    }

    /// Adds and removes a finalizer by server-side apply.
    async fn apply_finalizer(self) {
        let own = "applied.dev/x";
        let apply = async |finalizers: Value| {
            let body = json!({
                "apiVersion": "test.steersman.dev/v1", "kind": "Shelf", "metadata": { "finalizers": finalizers },
            });
            let shelf = self.shelves.patch(&self.name, &PatchParams::apply("applied.dev"), &Patch::Apply(body)).await;
            shelf.map(|shelf| carries(&shelf, own))
        };
        while self.goes_on() {
            match apply(json!([own])).await {
                Ok(there) => assert!(there),
                // No new finalizer on what is being deleted.
                Err(kube::Error::Api(status)) if status.code == 422 => break,
                Err(error) => panic!("{error}"),
            }
            assert!(carries(&self.get().await, own), "a foreign finalizer was lost");
            assert!(!apply(json!([])).await.expect("it can be removed"));
        }
    }
}

/// Notes at the beginning of each reconcile whether the API server has our finalizer on the shelf, and it in its hands.
struct Witness {
    shelves: Api<Shelf>,
    journal: Journal,
}

impl GuardedReconciler for Witness {
    type Error = BoxError;

    async fn reconcile(&self, shelf: Arc<Shelf>, _: GuardedSnapshot, _: GuardedContext) -> Result<Action, BoxError> {
        let stored = self.shelves.get(&shelf.name_any()).await?;
        let held = carries(&shelf, OURS) && (carries(&stored, OURS) || stored.metadata.deletion_timestamp.is_some());
        self.journal.note(format!("{}: {held}", shelf.name_any()));
        Ok(Action::await_change())
    }

    async fn cleanup(&self, shelf: Arc<Shelf>, _: GuardedSnapshot, _: GuardedContext) -> Result<Cleanup, BoxError> {
        self.journal.note(format!("{} cleanup", shelf.name_any()));
        Ok(Cleanup::Done)
    }
}

/// Checks every version that the shelves have had, until all of them are gone.
async fn oracle(shelves: Api<Shelf>) -> usize {
    let list = shelves.list(&ListParams::default()).await.unwrap();
    let since = list.metadata.resource_version.unwrap();
    let mut last: HashMap<String, Shelf> = list.items.into_iter().map(|shelf| (shelf.name_any(), shelf)).collect();
    let mut events = std::pin::pin!(shelves.watch(&WatchParams::default(), &since).await.unwrap());
    let mut versions = 0;
    while let Some(event) = events.try_next().await.unwrap() {
        versions += 1;
        match event {
            WatchEvent::Modified(shelf) => {
                let name = shelf.name_any();
                let before = last.insert(name.clone(), shelf.clone()).expect("it was there");
                let ending = shelf.metadata.deletion_timestamp.is_some();
                let (had, has) = (carries(&before, OURS), carries(&shelf, OURS));
                assert!(!had || has || ending, "{name} has lost our finalizer");
                assert!(had || !has || !ending, "{name} has got our finalizer though it is being deleted");
                assert!(carries(&shelf, KEEP), "{name} has lost a foreign finalizer");
            }
            WatchEvent::Deleted(shelf) => {
                assert_eq!(shelf.finalizers(), [KEEP], "the last one, which the test removes");
                last.remove(&shelf.name_any());
            }
            event => panic!("{event:?}"),
        }
        if last.is_empty() {
            break;
        }
    }
    versions
}

/// Three writers for each of these shelves.
fn everybody(shelves: &Api<Shelf>, names: &[String], stop: &Arc<AtomicBool>, edits: &Arc<AtomicUsize>) -> JoinSet<()> {
    let mut writers = JoinSet::new();
    for name in names {
        let writer = Writer { shelves: shelves.clone(), name: name.clone(), stop: stop.clone(), edits: edits.clone() };
        writers.spawn(writer.clone().label());
        writers.spawn(writer.clone().annotate());
        writers.spawn(writer.apply_finalizer());
    }
    writers
}

#[tokio::test]
async fn no_finalizer_is_lost_while_everybody_edits() {
    let place = place("contended").await;
    let shelves = place.api::<Shelf>();
    let names: Vec<_> = (0..SHELVES).map(|i| format!("s-{i}")).collect();
    for name in &names {
        let mut shelf = Shelf::of(name, &[]);
        shelf.metadata.finalizers = Some(vec![KEEP.into()]);
        place.create(shelf).await;
    }
    let oracle = tokio::spawn(oracle(shelves.clone()));
    let (stop, edits) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
    let mut writers = everybody(&shelves, &names, &stop, &edits);
    let more = async || {
        let so_far = edits.load(Ordering::Relaxed);
        eventually("there are more edits", async || edits.load(Ordering::Relaxed) > so_far + 50 * SHELVES).await;
    };
    more().await;
    let journal = Journal::default();
    let operator = Guarded::operator(Witness { shelves: shelves.clone(), journal: journal.clone() });
    let operator = operator.namespace(&place.namespace);
    let operating = place.operate(|manager| manager.with(operator));
    for name in &names {
        journal.reaches(&format!("{name}: "), 1).await;
    }
    more().await;
    for name in &names {
        place.delete::<Shelf>(name).await;
    }
    for name in &names {
        eventually(&format!("{name} is without our finalizer"), async || {
            place.get::<Shelf>(name).await.is_some_and(|shelf| !carries(&shelf, OURS))
        })
        .await;
    }
    more().await;
    stop.store(true, Ordering::Relaxed);
    while let Some(writer) = writers.join_next().await {
        writer.expect("no writer panics");
    }
    for name in &names {
        place.patch::<Shelf>(name, json!({ "metadata": { "finalizers": null } })).await;
        place.gone::<Shelf>(name).await;
    }
    let versions = oracle.await.expect("the oracle has nothing to say");
    assert!(versions > 50 * SHELVES, "{versions} versions");
    let bad: Vec<_> = journal.lines().into_iter().filter(|line| line.ends_with("false")).collect();
    assert!(bad.is_empty(), "{bad:?}");
    assert_eq!(operating.costs().reads, 0);
}
