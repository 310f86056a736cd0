//! `reference = ..`: objects that the primary names.

use k8s_openapi::api::core::v1::Secret;
use kube::ResourceExt;
use serde_json::json;
use steersman::{Action, Operator, OperatorBuilder};
use tests::fleet::{Fleet, FleetSpec, Keeper};
use tests::{Journal, Place};

use super::{names, note, rewrite, secret, text_of};
use crate::place;

/// Notes what each run sees: `<fleet> sees <text of the Secret>, <names of the others>`.
fn looking(journal: &Journal, seen: &Journal, place: &Place) -> OperatorBuilder<impl Operator> {
    let notes = seen.clone();
    let operator = Fleet::by(journal, move |fleet, seen, _| {
        let line = format!("{} sees {}, {}", fleet.name_any(), text_of(seen.tls.as_deref()), names(&seen.more));
        notes.note(line.trim_end_matches([' ', ',']));
        async { Ok(Action::await_change()) }
    });
    operator.namespace(&place.namespace)
}

#[tokio::test]
async fn what_is_named_comes_late_changes_goes_and_comes_back() {
    let place = place("refer").await;
    let (journal, seen) = (Journal::default(), Journal::default());
    place.create(Fleet::with_secret("f", "cert")).await;
    let operating = place.operate(|manager| manager.with(looking(&journal, &seen, &place)));
    seen.reaches("f sees -", 1).await;
    place.create(secret("cert", "1")).await;
    seen.reaches("f sees 1", 1).await;
    rewrite(&place, "cert", "2").await;
    seen.reaches("f sees 2", 1).await;
    place.delete::<Secret>("cert").await;
    seen.reaches("f sees -", 2).await;
    place.create(secret("cert", "3")).await;
    seen.reaches("f sees 3", 1).await;
    // One that nobody names wakes nobody, whatever happens to it.
    place.create(secret("other", "1")).await;
    rewrite(&place, "other", "2").await;
    rewrite(&place, "cert", "4").await;
    seen.reaches("f sees 4", 1).await;
    assert_eq!(journal.lines(), ["f: startup", "f: tls", "f: tls", "f: tls", "f: tls", "f: tls"]);
    assert_eq!(operating.costs().reads, 0, "{:?}", operating.requests());
    assert_eq!(operating.watches("secrets"), 1, "two declarations share it");
}

#[tokio::test]
async fn a_reference_that_moves_to_what_has_existed_for_long_costs_one_read_and_wakes() {
    let place = place("move").await;
    let (journal, seen) = (Journal::default(), Journal::default());
    for name in ["old", "new", "more-1", "more-2"] {
        place.create(secret(name, name)).await;
    }
    place.create(Fleet::with_secret("f", "old")).await;
    let operating = place.operate(|manager| manager.with(looking(&journal, &seen, &place)));
    seen.reaches("f sees old", 1).await;
    let before = operating.costs().reads;
    // The spec's predicate does not look at the reference; it wakes by itself, and with all of the object.
    place.patch::<Fleet>("f", json!({ "spec": { "secret": "new" } })).await;
    seen.reaches("f sees new", 1).await;
    assert_eq!(operating.costs().reads, before + 1);
    rewrite(&place, "new", "changed").await;
    seen.reaches("f sees changed", 1).await;
    // What it left wakes nobody any more.
    rewrite(&place, "old", "foreign").await;
    place.patch::<Fleet>("f", json!({ "spec": { "others": ["more-1", "more-2", "missing"] } })).await;
    seen.reaches("f sees changed, more-1 more-2", 1).await;
    place.patch::<Fleet>("f", json!({ "spec": { "others": ["more-2"], "secret": null } })).await;
    seen.reaches("f sees -, more-2", 1).await;
    assert!(journal.lines().iter().all(|line| !line.contains("primary")), "{:?}", journal.lines());
    assert_eq!(operating.costs().reads, before + 3);
    assert_eq!(operating.requests().iter().filter(|request| request.verb == "get").count(), before + 3);
}

#[tokio::test]
async fn after_a_restart_everything_named_is_there_in_the_first_run() {
    let place = place("first").await;
    let (journal, seen) = (Journal::default(), Journal::default());
    for name in ["a", "b", "c"] {
        place.create(secret(name, name)).await;
    }
    let spec = FleetSpec { secret: Some("a".into()), others: vec!["b".into(), "c".into()], ..FleetSpec::default() };
    place.create(Fleet::new("f", spec)).await;
    let operating = place.operate(|manager| manager.with(looking(&journal, &seen, &place)));
    seen.reaches("f sees a, b c", 1).await;
    assert_eq!((journal.lines().len(), operating.costs().reads), (1, 0), "{:?}", operating.requests());
}

#[tokio::test]
async fn one_secret_of_two_primaries_and_two_operators_one_of_which_writes_it() {
    let place = place("two").await;
    let (readers, seen, writers) = (Journal::default(), Journal::default(), Journal::default());
    for name in ["f", "g"] {
        place.create(Fleet::with_secret(name, "shared")).await;
    }
    let writer = Keeper::by(&writers, |fleet, _, cx| async move {
        if fleet.name_any() == "f" {
            cx.secret().apply(secret("shared", &fleet.spec.note)).await?;
        }
        Ok(Action::await_change())
    });
    let writer = writer.namespace(&place.namespace);
    let operating = place.operate(|manager| manager.with(looking(&readers, &seen, &place)).with(writer));
    place.started(2).await;
    note(&place, "f", "one").await;
    for name in ["f", "g"] {
        seen.reaches(&format!("{name} sees one"), 1).await;
    }
    writers.reaches("g: secret", 1).await;
    note(&place, "f", "two").await;
    for name in ["f", "g"] {
        seen.reaches(&format!("{name} sees two"), 1).await;
    }
    // It is not owned by anybody, so that it outlives them.
    let shared = place.get::<Secret>("shared").await.unwrap();
    assert_eq!(shared.metadata.owner_references, None);
    assert!(!writers.lines().contains(&"f: secret".to_owned()), "its own writes wake nobody: {:?}", writers.lines());
    assert_eq!(operating.costs().reads, 0);
    place.delete::<Fleet>("g").await;
    place.delete::<Fleet>("f").await;
    place.gone::<Fleet>("f").await;
    assert!(place.get::<Secret>("shared").await.is_some());
}

#[tokio::test]
async fn only_what_is_named_can_be_written() {
    let place = place("named").await;
    let journal = Journal::default();
    let errors = Journal::default();
    let said = errors.clone();
    let operator = Keeper::by(&journal, move |_, _, cx| {
        let said = said.clone();
        async move {
            let error = cx.secret().apply(secret("another", "x")).await.unwrap_err();
            said.note(error.to_string());
            Ok(Action::await_change())
        }
    });
    place.create(Fleet::with_secret("f", "cert")).await;
    let operating = place.operate(|manager| manager.with(operator.namespace(&place.namespace)));
    errors.reaches("Secret", 1).await;
    let line = errors.lines().concat();
    assert!(line.contains("cannot belong to Fleet") && line.contains("does not refer to it"), "{line}");
    assert!(place.get::<Secret>("another").await.is_none() && operating.costs().writes == 0);
}

/// A run begins only when what it refers to is known; until then, others go on.
#[tokio::test]
async fn a_read_that_is_forbidden_holds_up_the_run_that_needs_it_and_is_said() {
    let place = place("forbidden").await;
    let (journal, seen) = (Journal::default(), Journal::default());
    place.create(secret("cert", "x")).await;
    place.create(Fleet::with_secret("g", "nothing")).await;
    // Everything but `get` on Secrets.
    place.allow("all", &["secrets", "configmaps"]).await;
    let operating = place.operate_as_operator(|manager| manager.with(looking(&journal, &seen, &place)));
    seen.reaches("g sees -", 1).await;
    place.patch::<Fleet>("g", json!({ "spec": { "secret": "cert", "note": "moved" } })).await;
    let line = place.log.says(&["WARN", "cannot be fetched", "cert"]).await;
    assert!(
        line.contains(r#"bind `operator` to a Role in the namespace"#)
            && line.contains(r#""verbs": ["get", "list", "watch"]"#)
            && line.contains("#[secondary(Secret, one"),
        "{line}"
    );
    place.create(Fleet::with_secret("h", "nothing")).await;
    seen.reaches("h sees -", 1).await;
    assert_eq!(journal.count("g: "), 1);
    let group = [""];
    place.grant("get", json!([{ "apiGroups": group, "resources": ["secrets"], "verbs": ["get"] }])).await;
    seen.reaches("g sees x", 1).await;
    assert!(operating.is_running());
}
