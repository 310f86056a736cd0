//! How much goes on at a time, how fast, and what follows an error.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use kube::ResourceExt;
use serde_json::json;
use steersman::{Action, BoxError, Error, LeaderElection, Manager, Retry, Terminal};
use tests::kinds::{Library, Shelf};
use tests::{Gate, Journal, config_map, eventually};

use crate::place;

#[tokio::test]
async fn a_busy_operator_leaves_a_place_to_another() {
    let place = place("fair").await;
    let (busy, other, gate) = (Journal::default(), Journal::default(), Gate::closed());
    let hold = gate.clone();
    let first = Shelf::by(&busy, move |_, _, _| {
        let hold = hold.clone();
        async move {
            hold.pass().await;
            Ok(Action::again())
        }
    });
    let second = Library::by(&other, |_, _, _| async { Ok(Action::await_change()) });
    let operating = place.operate(|manager| {
        let (first, second) = (first.namespace(&place.namespace), second.namespace(&place.namespace));
        manager.with(first).with(second).concurrency(3)
    });
    for i in 0..10 {
        place.create(Shelf::of(&format!("s{i}"), &[])).await;
    }
    place.started(2).await;
    eventually("all places are taken", async || busy.lines().len() + other.lines().len() >= 3).await;
    gate.release();
    // The first always has something to do from now on.
    other.reaches("s", 10).await;
    eventually("so does the first", async || busy.lines().len() > 10).await;
    operating.stop().await;
}

#[tokio::test]
async fn no_more_runs_at_a_time_than_the_manager_allows() {
    let place = place("places").await;
    let (now, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let work = {
        let (now, most) = (now.clone(), most.clone());
        move || {
            let (now, most) = (now.clone(), most.clone());
            async move {
                most.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                tokio::time::sleep(Duration::from_millis(20)).await;
                now.fetch_sub(1, Ordering::SeqCst);
                Ok(Action::await_change())
            }
        }
    };
    let (journal, other) = (Journal::default(), work.clone());
    let first = Shelf::by(&journal, move |_, _, _| work());
    let second = Library::by(&journal, move |_, _, _| other());
    for i in 0..10 {
        place.create(Shelf::of(&format!("s{i}"), &[])).await;
    }
    let operating = place.operate(|manager| {
        let (first, second) = (first.namespace(&place.namespace), second.namespace(&place.namespace));
        manager.with(first).with(second).concurrency(4)
    });
    place.ended(20).await;
    assert_eq!(most.load(Ordering::SeqCst), 4);
    operating.stop().await;
}

#[tokio::test]
async fn writes_go_at_the_rate_that_is_set() {
    let place = place("rate").await;
    let journal = Journal::default();
    let operator = Shelf::stocker(&journal).namespace(&place.namespace).rate_limit(20.0, 5);
    for i in 0..20 {
        place.create(Shelf::of(&format!("s{i}"), &[&format!("s{i}")])).await;
    }
    let operating = place.operate(|manager| manager.with(operator));
    place.started(1).await;
    let begin = Instant::now();
    place.ended(20).await;
    // 15 of them wait, 50 ms each; less is what matters, more is a slow machine.
    assert!(begin.elapsed() > Duration::from_millis(600), "{:?}", begin.elapsed());
    assert_eq!(operating.writes("configmaps").len(), 20);
    operating.stop().await;
}

#[derive(Debug, thiserror::Error)]
enum Fault {
    #[error("no quota")]
    Quota,
    #[error("nonsense")]
    Nonsense,
    #[error("something else")]
    Other,
}

#[tokio::test]
async fn the_policy_decides_by_the_error() {
    let place = place("policy").await;
    let journal = Journal::default();
    let operator = Shelf::by(&journal, |shelf, _, _| async move {
        Err(match shelf.spec.note.as_str() {
            "quota" => Fault::Quota.into(),
            "nonsense" => Fault::Nonsense.into(),
            "terminal" => Terminal::new(Fault::Quota).into(),
            _ => Fault::Other.into(),
        })
    });
    let policy = |error: &BoxError| match error.downcast_ref() {
        Some(Fault::Quota) => Retry::After(Duration::from_millis(400)),
        Some(Fault::Nonsense) => Retry::Terminal,
        _ => Retry::Backoff,
    };
    let operator = operator.namespace(&place.namespace).error_policy(policy).min_backoff(Duration::from_secs(200));
    let operator = operator.max_backoff(Duration::from_secs(200));
    let operating = place.operate(|manager| manager.with(operator));
    let create = async |note: &str| {
        let mut shelf = Shelf::of(note, &[]);
        shelf.spec.note = note.into();
        place.create(shelf).await;
        journal.reaches(&format!("{note}: "), 1).await;
    };
    for note in ["nonsense", "terminal", "other"] {
        create(note).await;
    }
    place.log.says(&["ERROR", "nonsense", "not tried again"]).await;
    place.log.says(&["WARN", "something else", "tried again"]).await;
    create("quota").await;
    // No sooner than after the first wait, which is long here.
    place.log.says(&["WARN", "no quota", "seconds=0.4"]).await;
    place.patch::<Shelf>("nonsense", json!({ "spec": { "note": "quota" } })).await;
    journal.reaches("nonsense: ", 2).await;
    for note in ["terminal", "other", "quota"] {
        assert_eq!(journal.count(&format!("{note}: ")), 1, "{:?}", journal.lines());
    }
    operating.stop().await;
}

#[tokio::test]
async fn a_time_that_the_policy_names_is_kept() {
    let place = place("after").await;
    let journal = Journal::default();
    let operator = Shelf::by(&journal, |_, _, _| async { Err(Fault::Quota.into()) });
    let operator = operator.namespace(&place.namespace).error_policy(|_| Retry::After(Duration::from_millis(200)));
    let operating = place.operate(|manager| manager.with(operator));
    place.create(Shelf::of("a", &[])).await;
    let begin = Instant::now();
    // With the backoff, it would be 25 s before the ninth.
    journal.reaches("a: ", 9).await;
    assert!(begin.elapsed() >= Duration::from_millis(1600));
    assert!(begin.elapsed() < Duration::from_secs(20), "{:?}", begin.elapsed());
    operating.stop().await;
}

#[tokio::test]
async fn settings_that_cannot_be_meant_end_the_start() {
    let place = place("settings").await;
    let journal = Journal::default();
    let operator = || Shelf::stocker(&journal);
    let start = async |manager: Manager| match manager.run_until(async {}).await {
        Err(error @ Error::Setting { .. }) => error.to_string(),
        other => panic!("{other:?}"),
    };
    let manager = || Manager::new(place.client.clone());
    for (manager, names) in [
        (manager().with(operator().rate_limit(0.0, 1)), "`rate_limit` of operator Shelf cannot be 0, 1; "),
        (manager().with(operator().rate_limit(f64::NAN, 1)), "`rate_limit` of operator Shelf cannot be NaN, 1; "),
        (manager().with(operator().rate_limit(5.0, 0)), "`rate_limit` of operator Shelf cannot be 5, 0; "),
        (manager().with(operator().max_backoff(Duration::ZERO)), "`max_backoff` of operator Shelf cannot be 0ns; "),
        (manager().with(operator().min_backoff(Duration::ZERO)), "`min_backoff` of operator Shelf cannot be 0ns; "),
        (
            manager().with(operator().min_backoff(Duration::from_secs(900))),
            "`min_backoff` of operator Shelf cannot be 900s; ",
        ),
        (
            manager()
                .with(operator())
                .leader_election(LeaderElection::new("a", "b").retry_period(Duration::from_secs(10))),
            "`renew_deadline` of the leader election cannot be 10s; ",
        ),
    ] {
        let said = start(manager).await;
        assert!(said.starts_with(names), "{said}");
    }
}

/// What a run does through `cx.client()` passes the same way as everything else.
#[tokio::test]
async fn the_client_of_a_run_behaves_like_any_other() {
    let place = place("client").await;
    let journal = Journal::default();
    let notes = journal.clone();
    let operator = Shelf::by(&journal, move |shelf, _, cx| {
        let notes = notes.clone();
        async move {
            let namespace = shelf.namespace().unwrap_or_default();
            let maps = kube::Api::<k8s_openapi::api::core::v1::ConfigMap>::namespaced(cx.client(), &namespace);
            let made = maps.create(&Default::default(), &config_map("made", "here")).await?;
            let twice = maps.create(&Default::default(), &config_map("made", "here")).await;
            let conflict = matches!(twice, Err(kube::Error::Api(status)) if status.code == 409);
            notes.note(format!("client: {} {conflict}", made.name_any()));
            Ok(Action::await_change())
        }
    });
    let operating = place.operate(|manager| manager.with(operator.namespace(&place.namespace)));
    place.create(Shelf::of("a", &[])).await;
    journal.reaches("client: made true", 1).await;
    operating.stop().await;
}
