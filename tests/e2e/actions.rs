//! What a run may ask for.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use serde_json::json;
use steersman::{Action, Terminal};
use tests::kinds::Shelf;
use tests::{Journal, Place};

use crate::place;

/// An operator whose first run answers `first`, and all others that they wait for a change.
async fn run_with(name: &str, times: usize, answer: fn() -> Action) -> (Place, tests::Operating, Journal) {
    let place = place(name).await;
    let journal = Journal::default();
    let count = Arc::new(AtomicUsize::new(0));
    let operator = Shelf::by(&journal, move |_, _, _| {
        let count = count.fetch_add(1, Ordering::Relaxed);
        async move { Ok(if count < times { answer() } else { Action::await_change() }) }
    });
    let operating = place.operate(|manager| manager.with(operator.namespace(&place.namespace)));
    place.started(1).await;
    place.create(Shelf::of("a", &[])).await;
    (place, operating, journal)
}

async fn note(place: &Place, text: &str) {
    place.patch::<Shelf>("a", json!({ "spec": { "note": text } })).await;
}

#[tokio::test]
async fn requeue_runs_once_more() {
    let (place, _operating, journal) = run_with("requeue", 2, || Action::requeue(Duration::from_millis(300))).await;
    journal.reaches("a: requeue", 2).await;
    note(&place, "x").await;
    journal.reaches("a: primary", 2).await;
    assert_eq!(journal.lines(), ["a: primary", "a: requeue", "a: requeue", "a: primary"]);
}

#[tokio::test]
async fn a_full_run_replaces_the_pending_requeue() {
    let (place, _operating, journal) = run_with("replaced", 1, || Action::requeue(Duration::from_secs(2))).await;
    journal.reaches("a: primary", 1).await;
    note(&place, "x").await;
    journal.reaches("a: primary", 2).await;
    // By then it would have come.
    tokio::time::sleep(Duration::from_secs(3)).await;
    note(&place, "y").await;
    journal.reaches("a: primary", 3).await;
    assert_eq!(journal.lines(), ["a: primary"; 3]);
}

#[tokio::test]
async fn again_runs_at_once_as_often_as_it_is_asked_for() {
    let (place, _operating, journal) = run_with("again", 4, Action::again).await;
    journal.reaches("a: requeue", 4).await;
    note(&place, "x").await;
    journal.reaches("a: primary", 2).await;
    assert_eq!(journal.lines(), ["a: primary", "a: requeue", "a: requeue", "a: requeue", "a: requeue", "a: primary"]);
}

#[tokio::test]
async fn a_terminal_error_waits_for_a_change() {
    let place = place("terminal").await;
    let journal = Journal::default();
    let operator = Shelf::by(&journal, |shelf, _, _| async move {
        match shelf.spec.note.as_str() {
            "terminal" => Err(Terminal::new("this can never work").into()),
            "passing" => Err("this may work later".into()),
            _ => Ok(Action::await_change()),
        }
    });
    let stats = operator.stats();
    let _operating = place.operate(|manager| manager.with(operator.namespace(&place.namespace)));
    for (name, text) in [("a", "terminal"), ("b", "passing")] {
        let mut shelf = Shelf::of(name, &[]);
        shelf.spec.note = text.into();
        place.create(shelf).await;
    }
    // The one is tried again and again, the other is not.
    journal.reaches("b: ", 5).await;
    assert_eq!(journal.count("a: "), 1, "{:?}", journal.lines());
    place.log.says(&["ERROR", "this can never work", "not tried again"]).await;
    note(&place, "fine").await;
    journal.reaches("a: primary", 2).await;
    assert!(stats.failures() >= 5);
}
