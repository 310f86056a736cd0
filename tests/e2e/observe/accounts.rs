//! Why primaries were woken, as counters, assertions and the log tell it.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use k8s_openapi::api::core::v1::ConfigMap;
use serde_json::json;
use steersman::{Action, RunResult, RunTask, Terminal};
use tests::kinds::{Hasty, Restless, Shelf, ShelfStatus};
use tests::{Journal, data_of, eventually};

use crate::place;

#[tokio::test]
async fn a_test_can_say_why_a_primary_was_woken() {
    let place = place("why").await;
    let journal = Journal::default();
    let operator = Shelf::stocker(&journal).namespace(&place.namespace);
    let stats = operator.stats();
    let _operating = place.operate(|manager| manager.with(operator));
    place.started(1).await;
    place.create(Shelf::of("a", &["x"])).await;
    place.ended(1).await;
    place.there::<ConfigMap>("x").await;
    place.patch::<ConfigMap>("x", json!({ "data": { "text": "foreign" } })).await;
    eventually("it is repaired", async || data_of(&place.there::<ConfigMap>("x").await) == "x").await;
    place.ended(2).await;
    // A label of somebody else is content, so it wakes; there is nothing to write.
    place.patch::<ConfigMap>("x", json!({ "metadata": { "labels": { "a": "b" } } })).await;
    place.ended(3).await;

    let wake_ups = async || stats.wake_ups_of(place.namespace.as_str(), "a");
    eventually("all runs are remembered", async || wake_ups().await.count() == 3).await;
    let wake_ups = wake_ups().await;
    wake_ups.assert_triggers(&["primary", "config_maps", "config_maps"]);
    wake_ups.assert_unprovoked();
    assert_eq!((wake_ups.by("config_maps"), wake_ups.by("retry"), stats.failures()), (2, 0, 0));
    let writes: Vec<u32> = wake_ups.last().iter().map(|run| run.writes).collect();
    assert_eq!((writes, stats.writes(), stats.writes_skipped()), (vec![1, 1, 0], 2, 1));
    assert_eq!(stats.results(), [((RunTask::Reconcile, RunResult::Success), 3)].into());
    assert!(stats.provoked().is_empty() && stats.run_time() >= wake_ups.last()[0].duration);
    assert_eq!(stats.write_results(), [(("config_maps", "apply", "success"), 2)].into());
    assert_eq!(stats.queued(), 0);
    assert!(stats.changes()["config_maps"].moved >= 2, "{:?}", stats.changes());
    let said = place.log.says(&["engine: ended", "result=success", "triggers=config_maps", "writes=0 skipped=1"]).await;
    for field in [
        "operator=\"Shelf\"",
        "kind=Shelf",
        "/a triggers=config_maps task=Reconcile uid=",
        "failures=0",
        "duration_seconds=",
    ] {
        assert!(said.contains(field), "{field} in {said}");
    }
    let nobody = stats.wake_ups_of("nowhere", "a");
    assert_eq!((nobody.count(), nobody.to_string()), (0, "there is no Shelf nowhere/a".to_owned()));
}

#[tokio::test]
async fn the_own_write_that_provokes_a_run_is_named() {
    let place = place("provoked").await;
    let journal = Journal::default();
    let count = Arc::new(AtomicUsize::new(0));
    let operator = Restless::by(&journal, move |_, _, cx| {
        // Four runs in which each writes something else, and so makes another one follow.
        let count = count.fetch_add(1, Ordering::Relaxed).min(4);
        async move {
            cx.apply_status(ShelfStatus { count }).await?;
            Ok(Action::await_change())
        }
    });
    let stats = operator.stats();
    let _operating = place.operate(|manager| manager.with(operator.namespace(&place.namespace)));
    place.started(1).await;
    place.create(Shelf::of("a", &[])).await;
    let object = format!("Shelf {}/a", place.namespace);
    place.log.says(&["engine: ended", &format!("provoked_by=\"{object}\"")]).await;
    eventually("it is said that they provoke each other", async || stats.loops() >= 1).await;
    let wake_ups = stats.wake_ups_of(place.namespace.as_str(), "a");
    assert_eq!(wake_ups.provoked_by(), Some(object.as_str()), "{wake_ups}");
    assert!(wake_ups.provoked() >= 4 && wake_ups.by("retry") >= 3, "{wake_ups}");
    assert!(stats.provoked()["primary"] >= 4, "{:?}", stats.provoked());
    let said = std::panic::catch_unwind(|| wake_ups.assert_unprovoked()).expect_err("one was provoked");
    assert!(said.downcast_ref::<String>().is_some_and(|said| said.contains(&object)), "{said:?}");
}

#[tokio::test]
async fn runs_are_counted_by_how_they_end() {
    let place = place("results").await;
    let journal = Journal::default();
    let operator = Hasty::by(&journal, |shelf, _, _| async move {
        match shelf.spec.note.as_str() {
            "error" => Err("not yet".into()),
            "terminal" => Err(Terminal::new("never").into()),
            "panic" => panic!("as it was told"),
            "timeout" => std::future::pending().await,
            "requeue" => Ok(Action::requeue(std::time::Duration::from_secs(3600))),
            _ => Ok(Action::await_change()),
        }
    });
    let stats = operator.stats();
    let _operating = place.operate(|manager| manager.with(operator.namespace(&place.namespace)));
    place.started(1).await;
    let words = ["error", "terminal", "panic", "timeout", "requeue", "success"];
    for word in words {
        let mut shelf = Shelf::of(word, &[]);
        shelf.spec.note = word.into();
        place.create(shelf).await;
    }
    let results = [
        RunResult::Error,
        RunResult::Terminal,
        RunResult::Panic,
        RunResult::Timeout,
        RunResult::Requeue,
        RunResult::Success,
    ];
    eventually("each has ended", async || results.iter().all(|result| stats.ended(*result) > 0)).await;
    for (word, result) in words.into_iter().zip(results) {
        assert_eq!(word, result.as_str());
        let first = async || stats.wake_ups_of(place.namespace.as_str(), word).last().first().map(|run| run.result);
        eventually(&format!("the {word} is remembered"), async || first().await.is_some()).await;
        assert_eq!(first().await, Some(result), "{}", stats.wake_ups_of(place.namespace.as_str(), word));
    }
    assert_eq!((stats.ended(RunResult::Terminal), stats.ended(RunResult::Requeue)), (1, 1));
}
