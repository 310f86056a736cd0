//! Kinds whose definition comes, changes and goes.

use kube::CustomResourceExt;
use serde_json::json;
use steersman::Action;
use tests::kinds::{Comet, CometSpec, Shelf};
use tests::{Journal, config_map, eventually, install, uninstall};

use crate::{nudge, says, shelves, turn};

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
    assert!(said.contains("#[derive(Operator)] of Comet") && said.contains("is its CRD installed?"), "{said}");
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
    assert_eq!(operating.costs().reads, 0);
    uninstall(&place.client, "comets.test.steersman.dev").await;
}
