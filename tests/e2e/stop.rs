//! Stopping.

use std::time::Duration;

use k8s_openapi::api::core::v1::ConfigMap;
use kube::ResourceExt;
use steersman::Action;
use tests::kinds::{Shelf, stock};
use tests::{Gate, Journal};

use crate::place;

#[tokio::test]
async fn runs_in_progress_come_to_their_end() {
    let place = place("drain").await;
    let (journal, gate) = (Journal::default(), Gate::closed());
    let (ends, hold) = (journal.clone(), gate.clone());
    let operator = Shelf::by(&journal, move |shelf, _, cx| {
        let (ends, hold) = (ends.clone(), hold.clone());
        async move {
            hold.pass().await;
            stock(&shelf.spec, &cx.config_maps()).await?;
            ends.note(format!("ended {}", shelf.name_any()));
            Ok(Action::again())
        }
    });
    let operating = place.operate(|manager| manager.with(operator.namespace(&place.namespace).concurrency(2)));
    for name in ["a", "b", "c"] {
        place.create(Shelf::of(name, &[name])).await;
    }
    journal.reaches("a: ", 1).await;
    journal.reaches("b: ", 1).await;
    let stopping = tokio::spawn(operating.stop());
    place.log.says(&["stopping", "runs=2"]).await;
    assert!(!stopping.is_finished(), "it waits");
    gate.release();
    stopping.await.unwrap();
    assert_eq!((journal.count("ended a"), journal.count("ended b")), (1, 1));
    // What had not begun does not begin.
    assert_eq!(journal.count("c: "), 0, "{:?}", journal.lines());
    assert!(place.get::<ConfigMap>("a").await.is_some());
    assert!(place.get::<ConfigMap>("c").await.is_none());
}

#[tokio::test]
async fn a_run_that_does_not_end_in_time_is_cancelled() {
    let place = place("cancel").await;
    let journal = Journal::default();
    let operator = Shelf::by(&journal, |_, _, _| async {
        std::future::pending::<()>().await;
        Ok(Action::await_change())
    });
    let operating =
        place.operate(|manager| manager.with(operator.namespace(&place.namespace)).grace(Duration::from_millis(300)));
    place.create(Shelf::of("a", &[])).await;
    journal.reaches("a: ", 1).await;
    operating.stop().await;
    place.log.says(&["WARN", "cancelled", "runs=1"]).await;
}
