//! Writes whose answers say to come later, are lost, come late or never end.

use std::time::{Duration, Instant};

use k8s_openapi::api::core::v1::ConfigMap;
use kube::api::ListParams;
use kube::core::ObjectMeta;
use kube::{Client, ResourceExt};
use serde_json::json;
use steersman::{Action, Operator, OperatorBuilder};
use steersman_control_plane::{Fault, Gateway};
use tests::kinds::{Hasty, Shelf, ShelfStatus};
use tests::{Gate, Journal, Operating, Place, config_map, data_of, eventually, owned_by};

use crate::{nudge, says, turn};

const BUSY: &str = r#"{"kind":"Status","message":"too many requests","reason":"TooManyRequests","code":429}"#;
const TIMED_OUT: &str = r#"{"kind":"Status","message":"etcdserver: request timed out","code":500}"#;

/// Starts an operator behind a gateway. kube's client repeats by itself what was answered 429, 503 or 504, unless it is told
/// otherwise.
async fn behind(place: &Place, repeats: bool, operator: OperatorBuilder<impl Operator>) -> (Gateway, Operating) {
    let agent = place.agent();
    let (gateway, mut config) = Gateway::before(place.config_of(&agent)).await;
    config.default_retry = repeats;
    let client = Client::try_from(config).expect("the configuration makes a client");
    let operator = operator.namespace(&place.namespace);
    let operating = place.operate_with_rules(client, agent, |manager| manager.with(operator));
    place.started(1).await;
    (gateway, operating)
}

/// An operator that applies a ConfigMap for each shelf, of its name, with its note as text.
fn writer(journal: &Journal) -> OperatorBuilder<impl Operator> {
    Shelf::by(journal, |shelf, _, cx| async move {
        cx.config_maps().apply(config_map(&shelf.name_any(), &shelf.spec.note)).await?;
        Ok(Action::await_change())
    })
}

async fn shelf(place: &Place, name: &str, note: &str) {
    let mut shelf = Shelf::of(name, &[]);
    shelf.spec.note = note.into();
    place.create(shelf).await;
}

async fn tell(place: &Place, name: &str, note: &str) {
    place.patch::<Shelf>(name, json!({ "spec": { "note": note } })).await;
}

/// The names of all ConfigMaps.
async fn maps(place: &Place) -> Vec<String> {
    let maps = place.api::<ConfigMap>().list(&ListParams::default()).await.expect("they can be listed");
    maps.items.iter().map(ResourceExt::name_any).collect()
}

/// Waits until no run goes on.
async fn idle(place: &Place) {
    let count = |words: &[&str]| place.log.lines(words).len();
    eventually("no run goes on", async || {
        let ended = count(&["engine: ended"]) + count(&["longer than its `timeout`"]) + count(&["the run panicked"]);
        count(&["engine: begins"]) == ended
    })
    .await;
}

#[tokio::test]
async fn an_api_server_that_asks_for_patience_gets_it() {
    for (repeats, runs) in [(true, 1), (false, 3)] {
        let turn = turn("patience").await;
        let place = &turn.place;
        let journal = Journal::default();
        let (gateway, operating) = behind(place, repeats, writer(&journal)).await;
        gateway.script([1, 1].map(|wait| Fault::status(429).retry_after(wait).body(BUSY)));
        let begin = Instant::now();
        shelf(place, "a", "patient").await;
        says(place, "a", "patient").await;
        assert!(begin.elapsed() >= Duration::from_secs(2), "{:?}", begin.elapsed());
        idle(place).await;
        assert_eq!(gateway.writes(), ["PATCH 429", "PATCH 429", "PATCH 201"]);
        assert_eq!(journal.lines().len(), runs, "{:?}", journal.lines());
        let said =
            format!("the API server is too busy for apply of ConfigMap {}/a: too many requests", place.namespace);
        assert_eq!(place.log.lines(&[&said]).len(), runs - 1);
        assert_eq!(operating.costs().reads, 0);
    }
}

#[tokio::test]
async fn errors_that_pass_are_tried_again_after_growing_waits() {
    let turn = turn("passing").await;
    let place = &turn.place;
    let journal = Journal::default();
    let (gateway, operating) = behind(place, false, writer(&journal)).await;
    gateway.script([
        Fault::status(500).body(TIMED_OUT),
        Fault::status(502).body("<html>bad gateway</html>"),
        Fault::status(503).body(""),
        Fault::status(504).body("upstream timed out"),
    ]);
    let begin = Instant::now();
    shelf(place, "a", "in the end").await;
    shelf(place, "b", "meanwhile").await;
    says(place, "b", "meanwhile").await;
    says(place, "a", "in the end").await;
    // 100, 200, 400 and 800 ms, ±20 %, if all of them have hit the same.
    let hits = journal.count("a: ").max(journal.count("b: ")) - 1;
    assert!(begin.elapsed() >= Duration::from_millis(80) * ((1 << hits) - 1), "{:?}", begin.elapsed());
    idle(place).await;
    assert_eq!(gateway.writes().len(), 6, "{:?}", gateway.writes());
    assert_eq!((maps(place).await, operating.costs().reads), (vec!["a".to_owned(), "b".into()], 0));
    for text in ["etcdserver: request timed out", "<html>bad gateway</html>", "503", "upstream timed out"] {
        let line = place.log.says(&["WARN", "the run failed", "apply of ConfigMap", text]).await;
        assert!(!line.contains("Status {"), "{line}");
    }
}

#[tokio::test]
async fn an_answer_that_is_lost_costs_one_run_and_doubles_nothing() {
    let turn = turn("lost").await;
    let place = &turn.place;
    let journal = Journal::default();
    let (gateway, operating) = behind(place, false, writer(&journal)).await;
    let faults = [
        Fault::lost(Gate::open()),
        Fault::half(),
        Fault::endless(200),
        Fault::endless(500),
        Fault::done(200, "nonsense"),
        Fault::done(500, TIMED_OUT),
        Fault::done(504, ""),
    ];
    for (i, fault) in faults.into_iter().enumerate() {
        let name = format!("s{i}");
        let before = gateway.writes().len();
        gateway.script([fault.clone()]);
        shelf(place, &name, "text").await;
        journal.reaches(&format!("{name}: "), 2).await;
        idle(place).await;
        assert_eq!(data_of(&place.get(&name).await.unwrap()), "text");
        // The second run knows that it does not know, and leaves nothing out; the watch may still lag behind.
        let writes = &gateway.writes()[before + 1..];
        assert!(writes == ["PATCH 200"] || writes == ["PATCH 409", "PATCH 200"], "{fault:?}: {writes:?}");
        let sent = gateway.writes().len();
        place.patch::<ConfigMap>(&name, json!({ "metadata": { "labels": { "foreign": "edit" } } })).await;
        journal.reaches(&format!("{name}: "), 3).await;
        idle(place).await;
        assert_eq!(journal.count(&format!("{name}: ")), 3, "{:?}", journal.lines());
        assert_eq!(gateway.writes().len(), sent, "once that has succeeded, what changes nothing is not sent");
    }
    assert_eq!(maps(place).await.len(), 7);
    assert_eq!(operating.costs().reads, 0);
}

#[tokio::test]
async fn what_the_client_repeats_although_it_is_done_is_done_once() {
    let turn = turn("repeated").await;
    let place = &turn.place;
    let (journal, results) = (Journal::default(), Journal::default());
    let notes = results.clone();
    let operator = Shelf::by(&journal, move |shelf, seen, cx| {
        let notes = notes.clone();
        async move {
            let maps = cx.config_maps();
            let note = shelf.spec.note.as_str();
            let generated = || {
                let metadata = ObjectMeta { generate_name: Some("gen-".into()), ..ObjectMeta::default() };
                ConfigMap { metadata, ..config_map("", "") }
            };
            let has = |prefix: &str| seen.config_maps.iter().any(|map| map.name_any().starts_with(prefix));
            let result = match note {
                "apply" => maps.apply(config_map("x", "applied")).await.map(drop),
                "patch" => maps.patch("x", json!({ "data": { "text": "patched" } })).await.map(drop),
                "replace" => maps.replace(config_map("x", "replaced")).await.map(drop),
                "create" if !has("y") => maps.create(config_map("y", "created")).await.map(drop),
                "generate" if !has("gen-") => maps.create(generated()).await.map(drop),
                "delete" => maps.delete("x").await.map(drop),
                _ => Ok(()),
            };
            notes.note(format!("{note}: {}", result.as_ref().map_or_else(ToString::to_string, |()| "done".into())));
            result?;
            Ok(Action::await_change())
        }
    });
    let (gateway, operating) = behind(place, true, operator).await;
    shelf(place, "a", "").await;
    for note in ["apply", "patch", "replace", "create", "generate", "delete"] {
        gateway.script([Fault::done(504, "")]);
        tell(place, "a", note).await;
        results.reaches(&format!("{note}: done"), 1).await;
        idle(place).await;
    }
    let left = maps(place).await;
    assert!(left.len() == 2 && left[0].starts_with("gen-") && left[1] == "y", "{left:?}");
    let errors: Vec<_> = results.lines().into_iter().filter(|line| !line.ends_with(": done")).collect();
    assert!(errors.len() == 3, "{errors:?}");
    assert_eq!(results.count(&format!("replace: ConfigMap {}/x was changed since", place.namespace)), 1, "{errors:?}");
    assert_eq!(results.count(&format!("create: ConfigMap {}/y exists already", place.namespace)), 1, "{errors:?}");
    assert_eq!(results.count(&format!("generate: ConfigMap {}/gen-", place.namespace)), 1, "{errors:?}");
    assert_eq!(operating.costs().reads, 0);
}

#[tokio::test]
async fn a_creation_under_a_generated_name_is_doubled_only_if_its_answer_is_lost_and_the_watch_lags() {
    let turn = turn("generated").await;
    let place = &turn.place;
    let (journal, hold) = (Journal::default(), Gate::open());
    let gate = hold.clone();
    let operator = Shelf::by(&journal, move |shelf, seen, cx| {
        let gate = gate.clone();
        async move {
            gate.pass().await;
            if seen.config_maps.is_empty() && shelf.name_any() != "marker" {
                let metadata = ObjectMeta { generate_name: Some(shelf.name_any() + "-"), ..ObjectMeta::default() };
                cx.config_maps().create(ConfigMap { metadata, ..config_map("", "") }).await?;
            }
            Ok(Action::await_change())
        }
    });
    let (gateway, operating) = behind(place, false, operator).await;
    let shows = async |journal: &Journal| {
        // The watch has passed everything that was written before this.
        let before = journal.count("marker: config_maps");
        place.patch::<ConfigMap>("marker", json!({ "data": { "text": before.to_string() } })).await;
        journal.reaches("marker: config_maps", before + 1).await;
    };
    let marker = place.create(Shelf::of("marker", &[])).await;
    journal.reaches("marker: primary", 1).await;
    place.create(owned_by(config_map("marker", ""), &marker)).await;
    journal.reaches("marker: config_maps", 1).await;

    let answer = Gate::closed();
    gateway.script([Fault::lost(answer.clone())]);
    shelf(place, "once", "").await;
    eventually("it is created", async || maps(place).await.len() == 2).await;
    shows(&journal).await;
    answer.release();
    journal.reaches("once: ", 2).await;
    idle(place).await;
    assert_eq!(gateway.writes(), ["POST lost"], "the next run sees it");

    // As long as the watch stands still, nobody can know.
    hold.shut();
    shelf(place, "twice", "").await;
    journal.reaches("twice: ", 1).await;
    gateway.watches().shut();
    gateway.script([Fault::lost(Gate::open())]);
    hold.release();
    journal.reaches("twice: ", 2).await;
    idle(place).await;
    gateway.watches().release();
    shows(&journal).await;
    assert_eq!(gateway.writes(), ["POST lost", "POST lost", "POST 201"]);
    assert_eq!(maps(place).await.iter().filter(|name| name.starts_with("twice-")).count(), 2);
    assert_eq!(operating.costs().reads, 0);
}

#[tokio::test]
async fn a_run_that_is_over_its_time_is_followed_by_none_before_its_write_is_answered() {
    for late in [true, false] {
        let turn = turn("overtime").await;
        let place = &turn.place;
        let (journal, seen) = (Journal::default(), Journal::default());
        let notes = seen.clone();
        let operator = Hasty::by(&journal, move |shelf, seen, cx| {
            let text = seen.config_maps.get("x").map_or("nothing", |map| data_of(map)).to_owned();
            notes.note(format!("{}: {}: {text}", shelf.name_any(), shelf.spec.note));
            async move {
                if shelf.name_any() == "a" {
                    cx.config_maps().apply(config_map("x", &shelf.spec.note)).await?;
                    cx.apply_status(ShelfStatus { count: shelf.spec.note.len() }).await?;
                }
                Ok(Action::await_change())
            }
        });
        let (gateway, operating) = behind(place, false, operator).await;
        let gate = Gate::closed();
        gateway.script([if late { Fault::late(gate.clone()) } else { Fault::held(gate.clone()) }]);
        shelf(place, "a", "first").await;
        place.log.says(&["ERROR", "the run took longer than its `timeout`", "/a"]).await;
        // It would be due at once.
        tell(place, "a", "second").await;
        shelf(place, "b", "").await;
        journal.reaches("b: ", 1).await;
        assert_eq!((journal.count("a: "), gateway.writes().len()), (1, 0), "{:?}", journal.lines());
        gate.release();
        says(place, "x", "second").await;
        idle(place).await;
        // What the first run has written is there for the second, whether the watch has shown it or not.
        assert_eq!(
            seen.lines().into_iter().filter(|line| line.starts_with("a: ")).collect::<Vec<_>>(),
            ["a: first: nothing", "a: second: first"]
        );
        assert_eq!(gateway.writes(), ["PATCH 201", "PATCH 200", "PATCH 200"]);
        assert_eq!(place.get::<Shelf>("a").await.unwrap().status, Some(ShelfStatus { count: 6 }));
        assert_eq!(operating.costs().reads, 0);
    }
}

#[tokio::test]
async fn a_late_status_does_not_stay() {
    let turn = turn("late-status").await;
    let place = &turn.place;
    let journal = Journal::default();
    let operator = Hasty::by(&journal, |shelf, _, cx| async move {
        cx.apply_status(ShelfStatus { count: shelf.spec.note.len() }).await?;
        Ok(Action::await_change())
    });
    let (gateway, _operating) = behind(place, false, operator).await;
    shelf(place, "a", "").await;
    journal.reaches("a: ", 1).await;
    idle(place).await;
    let gate = Gate::closed();
    gateway.script([Fault::late(gate.clone())]);
    tell(place, "a", "long").await;
    place.log.says(&["ERROR", "the run took longer than its `timeout`"]).await;
    // What the status says already: the next run would have nothing to write, if it did not wait for the late one.
    tell(place, "a", "").await;
    shelf(place, "b", "").await;
    eventually("others go on", async || place.get::<Shelf>("b").await.unwrap().status.is_some()).await;
    gate.release();
    journal.reaches("a: ", 3).await;
    eventually("the status is that of the last run", async || {
        gateway.writes().len() == 4 && place.get::<Shelf>("a").await.unwrap().status == Some(ShelfStatus { count: 0 })
    })
    .await;
    assert_eq!(gateway.writes(), ["PATCH 200"; 4]);
}

#[tokio::test]
async fn a_write_that_the_run_gives_up_goes_on_and_is_waited_for() {
    let turn = turn("given-up").await;
    let place = &turn.place;
    let journal = Journal::default();
    let operator = Shelf::by(&journal, |shelf, _, cx| async move {
        let maps = cx.config_maps();
        let write = maps.apply(config_map(&shelf.name_any(), "text"));
        let limit = Duration::from_millis(if shelf.spec.note.is_empty() { 60_000 } else { 100 });
        match tokio::time::timeout(limit, write).await {
            Err(_) if shelf.spec.note == "panic" => panic!("out of patience"),
            Err(_) if shelf.spec.note == "fail" => Err("out of patience".into()),
            // All is well, says the reconciler, who does not know.
            Err(_) => Ok(Action::await_change()),
            Ok(result) => result.map(|_| Action::await_change()).map_err(Into::into),
        }
    });
    let stats = operator.stats();
    let (gateway, operating) = behind(place, false, operator).await;
    for (i, note) in ["ignore", "fail", "panic"].into_iter().enumerate() {
        let gate = Gate::closed();
        let before = gateway.writes().len();
        gateway.script([Fault::late(gate.clone())]);
        shelf(place, note, note).await;
        journal.reaches(&format!("{note}: "), 1).await;
        eventually("the run is over", async || place.log.lines(&["out of patience"]).len() + 1 > i).await;
        idle(place).await;
        // Another run of it would be due at once.
        place.patch::<Shelf>(note, json!({ "spec": { "maps": { "some": "edit" } } })).await;
        shelf(place, &format!("other-{note}"), "").await;
        says(place, &format!("other-{note}"), "text").await;
        assert_eq!(journal.count(&format!("{note}: ")), 1, "the next run waits");
        gate.release();
        journal.reaches(&format!("{note}: "), 2).await;
        says(place, note, "text").await;
        idle(place).await;
        assert_eq!(gateway.writes()[before..], ["PATCH 201", "PATCH 201", "PATCH 200"], "{note}: nothing is left out");
        nudge(place, &format!("other-{note}")).await;
        says(place, &format!("other-{note}"), "text").await;
        idle(place).await;
        assert_eq!(journal.count(&format!("{note}: ")), 2, "one run more has seen it");
    }
    assert_eq!((stats.failures(), operating.costs().reads), (2, 0));
}

#[tokio::test]
#[ignore = "takes more than half a minute"]
async fn a_write_that_is_never_answered_is_given_up_after_30_s() {
    let turn = turn("never").await;
    let place = &turn.place;
    let journal = Journal::default();
    let (gateway, operating) = behind(place, false, writer(&journal)).await;
    gateway.script([Fault::late(Gate::closed())]);
    let begin = Instant::now();
    shelf(place, "a", "text").await;
    says(place, "a", "text").await;
    assert!((30..40).contains(&begin.elapsed().as_secs()), "{:?}", begin.elapsed());
    place.log.says(&["WARN", "apply of ConfigMap", "was not answered within 30 s"]).await;
    assert_eq!((journal.lines().len(), operating.costs().reads), (2, 0));
}
