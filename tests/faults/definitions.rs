//! Kinds whose definition comes, changes and goes.

use kube::CustomResourceExt;
use serde_json::json;
use steersman::{Action, Optional};
use tests::fleet::Hopeful;
use tests::kinds::{Comet, CometSpec, Shelf};
use tests::{Journal, Operating, config_map, eventually, install, owned_by, uninstall};

use crate::{nudge, says, shelves, turn};

/// Gets and lists of objects. What is served instead of a kind is asked for, too, while it is missing.
fn reads(operating: &Operating) -> usize {
    operating.requests().iter().filter(|r| !r.resource.is_empty() && matches!(&*r.verb, "get" | "list")).count()
}

#[tokio::test]
async fn a_definition_that_comes_changes_goes_and_comes_again() {
    let turn = turn("comet").await;
    let place = &turn.place;
    let (comets, others) = (Journal::default(), Journal::default());
    let operator = Comet::by(&comets, |comet, _, cx| async move {
        cx.config_maps().apply(config_map("comet", &comet.spec.note)).await?;
        Ok(Action::await_change())
    });
    let stocker = Shelf::stocker(&others);
    let operating = place.operate(|manager| {
        manager.with(operator.namespace(&place.namespace)).with(stocker.namespace(&place.namespace))
    });
    // It is not there yet: said once, however often it is tried. The other operator does not mind.
    let said = place.log.says(&["the watch does not work", "kind=Comet", "not served"]).await;
    let remedy = "wanted by `#[derive(Operator)]` of Comet; install the CRD `comets.test.steersman.dev`";
    assert!(said.contains("attributes=#[derive(Operator)] of Comet") && said.ends_with(remedy), "{said}");
    let tries = || operating.requests().iter().filter(|r| r.resource == "comets").count();
    eventually("it has been tried several times", async || tries() >= 4).await;
    assert_eq!(place.log.lines(&["WARN", "kind=Comet"]).len(), 1);
    shelves(place, &["s".into()]).await;
    says(place, "s-0", "s-0").await;

    install(&place.client, Comet::crd()).await;
    let comet = |note: &str| Comet::new("halley", CometSpec { note: note.into() });
    place.create(comet("first")).await;
    says(place, "comet", "first").await;
    place.log.says(&["the watch works again", "kind=Comet"]).await;
    assert_eq!(comets.lines().len(), 1, "{:?}", comets.lines());

    // A new column and a looser schema end the open watches.
    let before = operating.watches("comets");
    let mut crd = Comet::crd();
    let version = &mut crd.spec.versions[0];
    let column = json!([{ "name": "Note", "type": "string", "jsonPath": ".spec.note" }]);
    version.additional_printer_columns = serde_json::from_value(column).unwrap();
    install(&place.client, crd).await;
    eventually("the watch is a new one", async || operating.watches("comets") > before).await;
    place.patch::<Comet>("halley", json!({ "spec": { "note": "second" } })).await;
    says(place, "comet", "second").await;
    assert_eq!(comets.lines().len(), 2, "{:?}", comets.lines());

    // With it go its objects. The ConfigMap stays, since nobody collects garbage here.
    uninstall(&place.client, "comets.test.steersman.dev").await;
    eventually("it is said", async || place.log.lines(&["WARN", "kind=Comet", "not served"]).len() == 2).await;
    place.delete::<k8s_openapi::api::core::v1::ConfigMap>("comet").await;
    nudge(place, "s-1").await;
    says(place, "s-1", "s-1").await;
    assert_eq!(comets.lines().len(), 2, "nobody is left to be woken: {:?}", comets.lines());

    install(&place.client, Comet::crd()).await;
    place.create(comet("third")).await;
    says(place, "comet", "third").await;
    assert_eq!(comets.lines().len(), 3, "{:?}", comets.lines());
    assert_eq!(place.log.lines(&["the watch works again", "kind=Comet"]).len(), 2);
    assert_eq!(reads(&operating), 0, "{:?}", operating.requests());
    uninstall(&place.client, "comets.test.steersman.dev").await;
}

/// A kind that may be missing holds up nobody; that it comes and goes is a change.
#[tokio::test]
async fn an_optional_kind_comes_and_goes() {
    let turn = turn("optional").await;
    let place = &turn.place;
    let (journal, seen) = (Journal::default(), Journal::default());
    let notes = seen.clone();
    let operator = Hopeful::by(&journal, move |shelf, seen, cx| {
        let comets = match &seen.comets {
            Optional::NotServed => "no comets here".to_owned(),
            Optional::Served(comets) => format!("{} comets", comets.len()),
        };
        notes.note(&comets);
        async move {
            if seen.comets.is_served() && shelf.spec.note == "write" {
                cx.comets().apply(Comet::new("written", CometSpec::default())).await?;
            }
            Ok(Action::await_change())
        }
    });
    let shelf = place.create(Shelf::of("a", &[])).await;
    let operating = place.operate(|manager| manager.with(operator.namespace(&place.namespace)));
    seen.reaches("no comets here", 1).await;
    let said = place.log.says(&["INFO", "does not serve this kind, which is optional", "Comet"]).await;
    assert!(said.contains("#[secondary(Comet, optional)] of Hopeful"), "{said}");
    assert_eq!(place.log.lines(&["WARN", "Comet"]), [""; 0]);

    install(&place.client, Comet::crd()).await;
    seen.reaches("0 comets", 1).await;
    place.create(owned_by(Comet::new("first", CometSpec::default()), &shelf)).await;
    seen.reaches("1 comets", 1).await;
    place.patch::<Shelf>("a", json!({ "spec": { "note": "write" } })).await;
    place.there::<Comet>("written").await;
    place.patch::<Shelf>("a", json!({ "spec": { "note": "" } })).await;
    seen.reaches("2 comets", 1).await;

    // While it is watched, with all of its objects.
    uninstall(&place.client, "comets.test.steersman.dev").await;
    seen.reaches("no comets here", 2).await;
    install(&place.client, Comet::crd()).await;
    seen.reaches("0 comets", 2).await;
    assert_eq!(journal.count("a: startup"), 1);
    assert!(
        journal.lines()[1..].iter().all(|line| line == "a: comets" || line == "a: primary"),
        "{:?}",
        journal.lines()
    );
    assert_eq!(reads(&operating), 0, "{:?}", operating.requests());
    uninstall(&place.client, "comets.test.steersman.dev").await;
}

/// What its Rust type does not take is represented by nothing, and stops nobody.
#[tokio::test]
async fn an_optional_kind_with_an_object_that_cannot_be_decoded() {
    let turn = turn("odd").await;
    let place = &turn.place;
    let mut crd = Comet::crd();
    let schema = json!({ "openAPIV3Schema": { "type": "object", "x-kubernetes-preserve-unknown-fields": true } });
    crd.spec.versions[0].schema = serde_json::from_value(schema).unwrap();
    install(&place.client, crd).await;
    let seen = Journal::default();
    let notes = seen.clone();
    let operator = Hopeful::by(&Journal::default(), move |_, seen, _| {
        notes.note(format!("{} comets", seen.comets.as_ref().served().map_or(0, |comets| comets.len())));
        async { Ok(Action::await_change()) }
    });
    let shelf = place.create(Shelf::of("a", &[])).await;
    place.create(owned_by(Comet::new("good", CometSpec::default()), &shelf)).await;
    place.create(owned_by(Comet::new("odd", CometSpec::default()), &shelf)).await;
    place.patch::<OddComet>("odd", json!({ "spec": { "note": { "is": "no text" } } })).await;
    let operating = place.operate(|manager| manager.with(operator.namespace(&place.namespace)));
    seen.reaches("1 comets", 1).await;
    place.log.says(&["WARN", "an object cannot be decoded", "/odd"]).await;
    place.patch::<OddComet>("odd", json!({ "spec": { "note": "text" } })).await;
    seen.reaches("2 comets", 1).await;
    assert!(operating.is_running());
    uninstall(&place.client, "comets.test.steersman.dev").await;
}

/// A comet as it may be, too.
#[derive(kube::CustomResource, Clone, Debug, Default, serde::Deserialize, serde::Serialize, schemars::JsonSchema)]
#[kube(group = "test.steersman.dev", version = "v1", kind = "OddComet", plural = "comets", namespaced)]
#[serde(default)]
struct OddCometSpec {
    note: serde_json::Value,
}
