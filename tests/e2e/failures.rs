//! Runs that fail.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use k8s_openapi::api::core::v1::ConfigMap;
use kube::ResourceExt;
use serde_json::json;
use steersman::{Action, WriteError};
use tests::kinds::{Hasty, Shelf};
use tests::{Journal, Place, config_map, eventually};

use crate::place;

/// Whether the run that began last has ended well.
fn is_idle(place: &Place) -> bool {
    place.log.lines(&["ended", "result=success"]).len() == 1
}

async fn note(place: &Place, name: &str, text: &str) {
    place.patch::<Shelf>(name, json!({ "spec": { "note": text } })).await;
}

#[tokio::test]
async fn failures_back_off_and_a_new_generation_forgives() {
    let place = place("backoff").await;
    let journal = Journal::default();
    let operator = Shelf::by(&journal, |shelf, _, _| async move {
        if shelf.spec.note == "good" { Ok(Action::await_change()) } else { Err("not yet".into()) }
    });
    let stats = operator.stats();
    let _operating = place.operate(|manager| manager.with(operator.namespace(&place.namespace)));
    place.started(1).await;
    place.create(Shelf::of("a", &[])).await;
    // After 0.1 + 0.2 + 0.4 + 0.8 + 1.6 + 3.2 s; the next would come after another 6.4 s, then 12.8 s.
    journal.reaches("a: ", 7).await;
    let edited = Instant::now();
    note(&place, "a", "still bad").await;
    // At once, and from the beginning again.
    journal.reaches("a: ", 11).await;
    assert!(edited.elapsed() < Duration::from_secs(20), "{:?}", edited.elapsed());
    note(&place, "a", "good").await;
    eventually("a run has succeeded", async || stats.runs() > stats.failures() && is_idle(&place)).await;
    let failures = stats.failures();
    place.create(Shelf::of("marker", &[])).await;
    journal.reaches("marker: ", 1).await;
    assert_eq!(journal.count("a: ") as u64, failures + 1, "{:?}", journal.lines());
    assert_eq!(place.log.lines(&["the run failed", "not yet", "/a "]).len() as u64, failures);
}

#[tokio::test]
async fn a_run_that_never_returns_is_ended_and_others_go_on() {
    let place = place("timeout").await;
    let journal = Journal::default();
    let operator = Hasty::by(&journal, |shelf, _, cx| async move {
        if shelf.spec.note == "stuck" {
            std::future::pending::<()>().await;
        }
        cx.config_map_of(&shelf.name_any()).await?;
        Ok(Action::await_change())
    });
    let stats = operator.stats();
    let _operating = place.operate(|manager| manager.with(operator.namespace(&place.namespace).concurrency(2)));
    let mut stuck = Shelf::of("a", &[]);
    stuck.spec.note = "stuck".into();
    place.create(stuck).await;
    journal.reaches("a: ", 1).await;
    place.create(Shelf::of("b", &[])).await;
    eventually("the other one is done", async || place.get::<ConfigMap>("b").await.is_some()).await;
    journal.reaches("a: ", 2).await;
    assert!(journal.lines()[1..].iter().any(|line| line.starts_with("a: ") && line.contains("retry")));
    place.log.says(&["ERROR", "timeout", "seconds=1"]).await;
    note(&place, "a", "free").await;
    eventually("it is done too", async || place.get::<ConfigMap>("a").await.is_some()).await;
    assert!(stats.failures() >= 1);
    assert_eq!(journal.count("b: "), 1);
}

#[tokio::test]
async fn a_panic_is_a_failed_run() {
    let place = place("panic").await;
    let journal = Journal::default();
    let calm = Arc::new(AtomicBool::new(false));
    let is_calm = calm.clone();
    let operator = Shelf::by(&journal, move |shelf, _, cx| {
        let calm = is_calm.load(Ordering::SeqCst);
        async move {
            if shelf.name_any() == "a" && !calm {
                cx.config_maps().apply(config_map("before", "")).await?;
                panic!("what now, {}?", shelf.name_any());
            }
            cx.config_maps().apply(config_map(&shelf.name_any(), "")).await?;
            Ok(Action::await_change())
        }
    });
    let stats = operator.stats();
    let operating = place.operate(|manager| manager.with(operator.namespace(&place.namespace)));
    place.create(Shelf::of("a", &[])).await;
    place.create(Shelf::of("b", &[])).await;
    eventually("the other one is done", async || place.get::<ConfigMap>("b").await.is_some()).await;
    place.log.says(&["ERROR", "panicked", "what now, a?", "/a"]).await;
    journal.reaches("a: ", 3).await;
    assert!(stats.failures() >= 2);
    calm.store(true, Ordering::SeqCst);
    eventually("it is done too", async || place.get::<ConfigMap>("a").await.is_some()).await;
    assert!(operating.is_running());
    assert_eq!(journal.count("b: "), 1);
}

#[tokio::test]
async fn errors_of_every_kind_are_named_and_end_nothing() {
    let place = place("errors").await;
    place.create(config_map("taken", "by a user")).await;
    let journal = Journal::default();
    let results = Journal::default();
    let notes = results.clone();
    let operator = Shelf::by(&journal, move |shelf, _, cx| {
        let notes = notes.clone();
        async move {
            let mut map = config_map(if shelf.spec.note == "not ours" { "taken" } else { "x" }, "");
            match shelf.spec.note.as_str() {
                "no name" => map.metadata.name = None,
                "across" => map.metadata.namespace = Some("default".into()),
                "invalid" => map.metadata.labels = Some([("a b".to_owned(), String::new())].into()),
                "plain" => return Err("a plain error".into()),
                _ => {}
            }
            let error = match cx.config_maps().apply(map).await {
                Ok(_) => return Ok(Action::await_change()),
                Err(error) => error,
            };
            let word = match &error {
                WriteError::NotOurs { .. } => "NotOurs",
                WriteError::CannotRelate { .. } => "CannotRelate",
                WriteError::NoName { .. } => "NoName",
                WriteError::Invalid { .. } => "Invalid",
                _ => "another",
            };
            notes.note(format!("{}: {word}", shelf.spec.note));
            Err(error.into())
        }
    });
    let operating = place
        .operate(|manager| manager.with(operator.namespace(&place.namespace).max_backoff(Duration::from_millis(300))));
    for (i, text) in ["no name", "across", "invalid", "plain", "not ours"].into_iter().enumerate() {
        let mut shelf = Shelf::of(&format!("s-{i}"), &[]);
        shelf.spec.note = text.into();
        place.create(shelf).await;
        journal.reaches(&format!("s-{i}: "), 2).await;
    }
    for line in ["no name: NoName", "across: CannotRelate", "invalid: Invalid", "not ours: NotOurs"] {
        results.reaches(line, 2).await;
    }
    place.log.says(&["WARN", "a plain error"]).await;
    place.log.says(&["WARN", "a desired ConfigMap has no `metadata.name`"]).await;
    place.log.says(&["WARN", "owner references do not cross namespaces"]).await;
    place.log.says(&["WARN", "metadata.labels", "Invalid value"]).await;
    let said = place.log.says(&["WARN", "does not belong to"]).await;
    assert!(
        said.contains(&format!("ConfigMap {0}/taken exists and does not belong to Shelf {0}/s-4", place.namespace)),
        "{said}"
    );
    for i in 0..5 {
        note(&place, &format!("s-{i}"), "fine").await;
    }
    eventually("the last one is done", async || place.get::<ConfigMap>("x").await.is_some()).await;
    assert!(operating.is_running());
    assert_eq!(operating.costs().reads, 0);
}

/// What the stuck operator does when it is free.
trait Write {
    async fn config_map_of(&self, name: &str) -> Result<(), WriteError>;
}

impl Write for tests::kinds::HastyContext {
    async fn config_map_of(&self, name: &str) -> Result<(), WriteError> {
        self.config_maps().apply(config_map(name, "")).await.map(drop)
    }
}
