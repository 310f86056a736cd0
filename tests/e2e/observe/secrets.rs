//! The values of Secrets are nowhere.

use std::net::SocketAddr;
use std::time::Duration;

use k8s_openapi::api::core::v1::Secret;
use k8s_openapi::api::events::v1::Event as Told;
use kube::ResourceExt;
use kube::api::ListParams;
use serde_json::json;
use steersman::{Action, Event};
use tests::kinds::{OddSecret, Shelf, Vault};
use tests::port::get_as;
use tests::{Journal, Place, eventually, typed};

use super::port;
use crate::place;

/// What the operator writes, and what somebody else does; each as it is and as it is stored. The third is written as a number.
const CANARIES: [&str; 5] =
    ["canary-7f3a9c51", "Y2FuYXJ5LTdmM2E5YzUx", "foreign-2b8d6e04", "Zm9yZWlnbi0yYjhkNmUwNA==", "739128465017"];
const LAST_APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";

fn secret(name: &str) -> Secret {
    typed(json!({ "metadata": { "name": name }, "stringData": { "key": CANARIES[0] } }))
}

/// Everything that the port shows.
async fn shown(address: SocketAddr, place: &Place) -> Vec<(String, String)> {
    let of = format!("Vault/{}/a", place.namespace);
    let mut paths: Vec<String> =
        ["/metrics", "/livez?verbose", "/readyz?verbose", "/debug/watches", "/debug/caches", "/debug/queue"]
            .map(str::to_owned)
            .into();
    paths.extend(["/debug/primaries".to_owned(), format!("/debug/primaries/{of}"), format!("/debug/snapshot/{of}")]);
    let mut all = Vec::new();
    for path in paths {
        for accept in ["text/plain", "application/json"] {
            let answer = get_as(address, &path, "localhost", accept).await;
            assert_eq!(answer.status, 200, "{path}: {answer:?}");
            all.push((path.clone(), answer.body));
        }
    }
    all
}

fn assert_hidden(place: &str, text: &str) {
    for canary in CANARIES {
        let line = text.lines().find(|line| line.contains(canary));
        assert_eq!(line, None, "{canary} in {place}");
    }
}

#[tokio::test]
async fn a_secret_value_is_in_no_log_metric_view_event_or_error() {
    let place = place("canary").await;
    let journal = Journal::default();
    let errors = Journal::default();
    let notes = errors.clone();
    let operator = Vault::by(&journal, move |shelf, seen, cx| {
        let notes = notes.clone();
        async move {
            cx.secrets().apply(secret("x")).await?;
            cx.event(Event::normal("Stored", "Storing", format!("{} Secrets", seen.secrets.len())));
            if shelf.spec.note == "bad" {
                let number = CANARIES[4].parse().expect("a number");
                let mut odd = OddSecret { data: Some([("key".to_owned(), number)].into()), ..OddSecret::default() };
                odd.metadata.name = Some("odd".into());
                let error = cx.odd_secrets().apply(odd).await.expect_err("the API server wants a text");
                notes.note(format!("{error} {error:?}"));
                return Err(error.into());
            }
            Ok(Action::await_change())
        }
    });
    let stats = operator.stats();
    let (server, address) = port();
    let operator = operator.namespace(&place.namespace).max_backoff(Duration::from_millis(300));
    let _operating = place.operate(|manager| manager.with(operator).server(server));
    place.started(1).await;
    let shelf = place.create(Shelf::of("a", &[])).await;
    place.there::<Secret>("x").await;
    // The type with numbers does not take what is in it.
    let said = place.log.says(&["WARN", "an object cannot be decoded", "/x"]).await;
    assert!(said.contains("invalid type: (hidden)"), "{said}");

    // A quarrel, about values on both sides.
    for round in 0..8 {
        let patch = json!({
            "stringData": { "key": CANARIES[2] },
            "metadata": { "annotations": { LAST_APPLIED: format!("{} {round}", CANARIES[0]) } },
        });
        place.patch::<Secret>("x", patch).await;
        eventually("the Secret is repaired", async || {
            let secret = place.there::<Secret>("x").await;
            secret.data.is_some_and(|data| data["key"].0 == CANARIES[0].as_bytes())
        })
        .await;
    }
    let said = place.log.says(&["WARN", "somebody keeps changing", "/x"]).await;
    assert!(said.contains(".data.key is (hidden) instead of (hidden)"), "{said}");

    // A write that is refused, with the value in what the API server says.
    place.patch::<Shelf>("a", json!({ "spec": { "note": "bad" } })).await;
    errors.reaches("", 1).await;
    assert!(errors.lines()[0].contains("(hidden)"), "{:?}", errors.lines());
    place.log.says(&["WARN", "the run failed", "(hidden)"]).await;
    eventually("the quarrel is counted", async || stats.quarrels() >= 1 && stats.failures() >= 1).await;

    let events = place.api::<Told>();
    eventually("the event is there", async || {
        events.list(&ListParams::default()).await.is_ok_and(|events| !events.items.is_empty())
    })
    .await;
    let told = events.list(&ListParams::default()).await.expect("events can be listed");
    assert_hidden("the events", &serde_json::to_string(&told.items).expect("they are JSON"));
    for (path, text) in shown(address, &place).await {
        assert_hidden(&path, &text);
        if path.starts_with("/debug/snapshot") {
            let size = format!("({} bytes)", CANARIES[0].len());
            assert!(text.contains(&size) && text.contains(LAST_APPLIED) && text.contains(&shelf.name_any()), "{text}");
        }
    }
    assert_hidden("the errors", &errors.lines().join("\n"));
    assert_hidden("the log", &place.log.lines(&[]).join("\n"));
}
