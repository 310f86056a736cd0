//! What is declared, and what the cluster has instead: it is said at the start, with what to do.

use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition;
use kube::api::PostParams;
use kube::{Api, CustomResourceExt};
use serde_json::{Value, json};
use steersman::{Action, Operator, OperatorBuilder};
use tests::fleet::Hopeful;
use tests::kinds::{Comet, CometSpec, Shelf};
use tests::strays::{Dreamer, Nomad, NomadSpec, Stargazer};
use tests::{Journal, eventually, install, uninstall};

use crate::Turn;

const COMETS: &str = "comets.test.steersman.dev";
const COMETES: &str = "cometes.test.steersman.dev";

/// A turn in which no definition is left by a test that failed.
async fn turn(name: &str) -> Turn {
    let turn = crate::turn(name).await;
    let definitions = Api::<CustomResourceDefinition>::all(turn.place.client.clone());
    for name in [COMETS, COMETES] {
        if definitions.get_opt(name).await.unwrap().is_some() {
            uninstall(&turn.place.client, name).await;
        }
    }
    turn
}

/// The definition of comets, changed.
async fn install_comets(client: &kube::Client, change: impl FnOnce(&mut Value)) {
    let mut crd = serde_json::to_value(Comet::crd()).unwrap();
    change(&mut crd["spec"]);
    install(client, serde_json::from_value(crd).unwrap()).await;
}

/// Notes whether the kind is served.
fn hopeful(seen: &Journal) -> OperatorBuilder<impl Operator> {
    let notes = seen.clone();
    Hopeful::by(&Journal::default(), move |_, seen, _| {
        notes.note(if seen.comets.is_served() { "served" } else { "not served" });
        async { Ok(Action::await_change()) }
    })
}

/// What follows `error=` in the first line with these words.
async fn error(place: &tests::Place, words: &[&str]) -> String {
    let line = place.log.says(&[&["WARN", "the watch does not work"], words].concat()).await;
    line.split_once("error=").unwrap_or_else(|| panic!("{line}")).1.to_owned()
}

#[tokio::test]
async fn a_kind_that_is_missing_then_there_in_another_version_then_in_ours() {
    let turn = turn("versions").await;
    let place = &turn.place;
    let journal = Journal::default();
    place.create(Shelf::of("a", &[])).await;
    let stargazer = Stargazer::by(&journal, |_, _, _| async { Ok(Action::await_change()) });
    let dreamer = Dreamer::by(&Journal::default(), |_, _, _| async { Ok(Action::await_change()) });
    let operating = place.operate(|manager| {
        manager.with(stargazer.namespace(&place.namespace)).with(dreamer.namespace(&place.namespace))
    });
    assert_eq!(
        error(place, &["kind=Comet", "state=\"not served\""]).await,
        "the API server does not serve Comet (test.steersman.dev/v1), wanted by `#[secondary(Comet)]` of Stargazer; install the \
         CRD `comets.test.steersman.dev`, or write `#[secondary(Comet, optional)]` of Stargazer"
    );
    assert_eq!(
        error(place, &["kind=Stray"]).await,
        "the API server does not serve Stray (stray.steersman.dev/v1), wanted by `#[secondary(Stray, one)]` of Dreamer; install \
         the CRD `strays.stray.steersman.dev`, or write `#[secondary(Stray, one, optional)]` of Dreamer"
    );
    install_comets(&place.client, |spec| spec["versions"][0]["name"] = json!("v1beta1")).await;
    assert_eq!(
        error(place, &["kind=Comet", "v1beta1"]).await,
        "the API server serves `comets.test.steersman.dev`, wanted by `#[secondary(Comet)]` of Stargazer, in v1beta1 and not in \
         v1; install a CRD `comets.test.steersman.dev` that serves v1, or write `version = \"v1beta1\"` in the `#[kube(..)]` of \
         Comet"
    );
    assert_eq!(place.log.lines(&["WARN", "kind=Comet"]).len(), 2);
    assert_eq!(journal.lines(), [""; 0]);
    install_comets(&place.client, |spec| {
        let mut old = spec["versions"][0].clone();
        (old["name"], old["storage"]) = (json!("v1beta1"), json!(false));
        spec["versions"].as_array_mut().unwrap().push(old);
    })
    .await;
    place.log.says(&["the watch works again", "kind=Comet"]).await;
    journal.reaches("a: startup", 1).await;
    // Discovery is asked now and then while something is wrong, and by no run.
    let asked = || operating.requests().iter().filter(|r| r.resource.is_empty()).count();
    assert!(asked() < 40, "{:?}", operating.requests());
    operating.stop().await;
    uninstall(&place.client, COMETS).await;
}

/// It is no news that an optional kind is missing, but that it is there and cannot be seen is.
#[tokio::test]
async fn an_optional_kind_in_another_version() {
    let turn = turn("optional").await;
    let place = &turn.place;
    place.create(Shelf::of("a", &[])).await;
    install_comets(&place.client, |spec| spec["versions"][0]["name"] = json!("v2")).await;
    let seen = Journal::default();
    let operating = place.operate(|manager| manager.with(hopeful(&seen).namespace(&place.namespace)));
    seen.reaches("not served", 1).await;
    let said = error(place, &["kind=Comet"]).await;
    assert!(said.contains("wanted by `#[secondary(Comet, optional)]` of Hopeful, in v2 and not in v1; "), "{said}");
    operating.stop().await;
    uninstall(&place.client, COMETS).await;
}

#[tokio::test]
async fn a_kind_with_another_plural() {
    let turn = turn("plural").await;
    let place = &turn.place;
    let mut crd = serde_json::to_value(Comet::crd()).unwrap();
    crd["metadata"]["name"] = json!(COMETES);
    crd["spec"]["names"]["plural"] = json!("cometes");
    install(&place.client, serde_json::from_value(crd).unwrap()).await;
    let operator = Comet::by(&Journal::default(), |_, _, _| async { Ok(Action::await_change()) });
    let operating = place.operate(|manager| manager.with(operator.namespace(&place.namespace)));
    assert_eq!(
        error(place, &["kind=Comet"]).await,
        "the API server serves Comet (test.steersman.dev/v1), wanted by `#[derive(Operator)]` of Comet, as `cometes` and not as \
         `comets`; write `plural = \"cometes\"` in the `#[kube(..)]` of Comet"
    );
    operating.stop().await;
    uninstall(&place.client, COMETES).await;
}

/// In one namespace its path is none; in all namespaces it has the same path, and shows what has no key of ours.
#[tokio::test]
async fn a_namespaced_type_of_a_cluster_scoped_kind() {
    let turn = turn("cluster-scoped").await;
    let place = &turn.place;
    install_comets(&place.client, |spec| spec["scope"] = json!("Cluster")).await;
    let journal = Journal::default();
    let comets = || Comet::by(&journal, |_, _, _| async { Ok(Action::await_change()) });
    let says = "Comet (test.steersman.dev/v1), wanted by `#[derive(Operator)]` of Comet, is cluster-scoped in the cluster, and \
                its Rust type is namespaced; remove `namespaced` from the `#[kube(..)]` of Comet, or delete the CRD \
                `comets.test.steersman.dev`, with all objects, and install it with `scope: Namespaced`";
    let operating = place.operate(|manager| manager.with(comets().namespace(&place.namespace)));
    assert_eq!(error(place, &["kind=Comet", &format!("namespace=\"{}\"", place.namespace)]).await, says);
    operating.stop().await;

    // Nothing is wrong as long as nothing is there, but that nothing can be written.
    let shelves = Journal::default();
    let stargazer = Stargazer::by(&shelves, |_, _, cx| async move {
        cx.comets().apply(Comet::new("written", CometSpec::default())).await?;
        Ok(Action::await_change())
    });
    place.create(Shelf::of("a", &[])).await;
    let operating = place.operate(|manager| manager.with(comets()).with(stargazer));
    let failed = place.log.says(&["WARN", "the run failed", "written cannot be created"]).await;
    assert!(failed.contains("its Rust type says that comets is namespaced in test.steersman.dev/v1"), "{failed}");
    assert_eq!(place.log.lines(&["WARN", "kind=Comet", "the watch does not work"]).len(), 1);
    assert_eq!(operating.requests().iter().filter(|r| r.resource.is_empty()).count(), 0, "no discovery");

    let nomads = Api::<Nomad>::all(place.client.clone());
    nomads.create(&PostParams::default(), &Nomad::new("halley", NomadSpec::default())).await.unwrap();
    let both = "wanted by `#[derive(Operator)]` of Comet and `#[secondary(Comet)]` of Stargazer";
    let said = error(place, &["kind=Comet", "state=\"other scope\"", "Stargazer"]).await;
    assert_eq!(said, says.replace("wanted by `#[derive(Operator)]` of Comet", both));
    let again = || operating.requests().iter().filter(|r| r.resource == "comets" && r.verb == "watch").count();
    let before = again();
    eventually("it is tried again", async || again() > before + 2).await;
    assert_eq!(place.log.lines(&["WARN", "kind=Comet", "the watch does not work"]).len(), 2);
    assert_eq!(place.log.lines(&["the watch works again"]), [""; 0]);
    assert_eq!(journal.lines(), [""; 0], "what has no right key never gets into the cache");
    operating.stop().await;

    // Where it may be missing, nothing of it is there.
    let seen = Journal::default();
    let operating = place.operate(|manager| manager.with(hopeful(&seen)));
    seen.reaches("not served", 1).await;
    error(place, &["kind=Comet", "state=\"other scope\"", "Hopeful"]).await;
    operating.stop().await;
    uninstall(&place.client, COMETS).await;
}

#[tokio::test]
async fn a_cluster_scoped_type_of_a_namespaced_kind() {
    let turn = turn("namespaced").await;
    let place = &turn.place;
    install(&place.client, Comet::crd()).await;
    place.create(Comet::new("halley", CometSpec::default())).await;
    let journal = Journal::default();
    let operator = Nomad::by(&journal, |_, _, _| async { Ok(Action::await_change()) });
    let operating = place.operate(|manager| manager.with(operator));
    assert_eq!(
        error(place, &["kind=Comet"]).await,
        "Comet (test.steersman.dev/v1), wanted by `#[derive(Operator)]` of Nomad, is namespaced in the cluster, and its Rust \
         type is cluster-scoped; write `namespaced` in the `#[kube(..)]` of Comet, or delete the CRD \
         `comets.test.steersman.dev`, with all objects, and install it with `scope: Cluster`"
    );
    // It goes: nothing that is shown is wrong any more.
    place.delete::<Comet>("halley").await;
    place.log.says(&["the watch works again", "kind=Comet"]).await;
    place.started(1).await;
    place.create(Comet::new("encke", CometSpec::default())).await;
    eventually("it is said again", async || place.log.lines(&["WARN", "kind=Comet", "other scope"]).len() == 2).await;
    assert_eq!(journal.lines(), [""; 0]);
    operating.stop().await;
    uninstall(&place.client, COMETS).await;
}

/// A definition of the scope that was declared, in the place of the other.
#[tokio::test]
async fn a_definition_that_is_corrected() {
    let turn = turn("corrected").await;
    let place = &turn.place;
    install_comets(&place.client, |spec| spec["scope"] = json!("Cluster")).await;
    let nomads = Api::<Nomad>::all(place.client.clone());
    nomads.create(&PostParams::default(), &Nomad::new("halley", NomadSpec::default())).await.unwrap();
    let journal = Journal::default();
    let operator = Comet::by(&journal, |_, _, _| async { Ok(Action::await_change()) });
    let operating = place.operate(|manager| manager.with(operator));
    error(place, &["kind=Comet", "state=\"other scope\""]).await;
    uninstall(&place.client, COMETS).await;
    install(&place.client, Comet::crd()).await;
    place.create(Comet::new("halley", CometSpec::default())).await;
    journal.reaches("halley: ", 1).await;
    operating.stop().await;
    uninstall(&place.client, COMETS).await;
}
