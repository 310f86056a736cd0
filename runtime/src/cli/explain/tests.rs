use k8s_openapi::api::apps::v1::{Deployment, ReplicaSet, StatefulSet};
use k8s_openapi::api::core::v1::{ConfigMap, Namespace, Pod, Secret};
use kube::core::{Expression, PartialObjectMeta};
use serde_json::{Value, json};

use super::*;
use crate::projection::Projection;
use crate::refer::References;

/// An operator with a bit of everything, in two namespaces.
fn app() -> Settings {
    let pods = Secondary::through::<Pod>("pods", "#[secondary(Pod, through = ReplicaSet)]", 1);
    let tls = Secondary::reference::<Secret, StatefulSet>("tls", "#[secondary(Secret)]", |_, _: &mut References| {});
    let declaration = Declaration::new::<StatefulSet>("App")
        .finalizer("a/b")
        .resync(None)
        .secondary(Secondary::owned::<Deployment>("deployment", "#[secondary(Deployment, one)]").one().handler())
        .secondary(
            Secondary::through::<PartialObjectMeta<ReplicaSet>>("sets", "#[secondary(ReplicaSet)]", 0).metadata(),
        )
        .secondary(pods.predicate(Projection::any([Projection::spec(), Projection::labels()])))
        .secondary(tls.one())
        .secondary(Secondary::label::<ConfigMap>("maps", "#[secondary(ConfigMap)]", "team").fields("metadata.name!=x"))
        .secondary(Secondary::label::<Namespace>("homes", "#[secondary(Namespace)]", "team").optional());
    let mut settings = Settings::new(declaration);
    settings.namespaces = vec!["shop".to_owned(), "bank".to_owned()];
    settings
}

/// One that shares a watch with it.
fn other() -> Settings {
    let mut settings = Settings::new(
        Declaration::new::<StatefulSet>("Other")
            .selector([Expression::Exists("mine".into())])
            .secondary(Secondary::owned::<Deployment>("deployments", "#[secondary(Deployment)]")),
    );
    settings.namespaces = vec!["bank".to_owned(), "shop".to_owned()];
    settings
}

fn explained() -> Explanation {
    let (app, other) = (app(), other());
    Explanation::of([&app, &other])
}

#[test]
fn watches_are_shared_and_say_for_whom_they_are() {
    let json = serde_json::to_value(explained()).unwrap();
    let watches = json["watches"].as_array().unwrap();
    let of = |kind: &str| watches.iter().filter(|watch| watch["kind"] == kind).collect::<Vec<_>>();
    // A selector makes it another watch.
    assert_eq!(
        of("StatefulSet").iter().map(|watch| watch["selector"].as_str().unwrap()).collect::<Vec<_>>(),
        ["", "mine"]
    );
    let [deployments] = of("Deployment")[..] else { panic!("{json:#}") };
    assert_eq!(deployments["scope"], json!({ "namespaces": ["bank", "shop"] }));
    // The other operator's primaries may come into its selector long after their children.
    assert_eq!(deployments["others"], "stubs");
    let readers: Vec<&Value> =
        deployments["readers"].as_array().unwrap().iter().map(|reader| &reader["operator"]).collect();
    assert_eq!(readers, ["App", "Other"]);
    assert_eq!(deployments["readers"][0]["handler"], true);
    let [sets] = of("ReplicaSet")[..] else { panic!("{json:#}") };
    assert_eq!((&sets["storage"], &sets["others"]), (&json!("metadata"), &json!("stubs")));
    assert_eq!(sets["readers"][0]["writable"], false);
    let [maps] = of("ConfigMap")[..] else { panic!("{json:#}") };
    assert_eq!(
        (&maps["selector"], &maps["fields"], &maps["others"]),
        (&json!("team"), &json!("metadata.name!=x"), &json!("named"))
    );
    let [homes] = of("Namespace")[..] else { panic!("{json:#}") };
    assert_eq!((&homes["scope"], &homes["readers"][0]["optional"]), (&json!("cluster"), &json!(true)));
}

#[test]
fn each_declaration_says_what_it_needs() {
    let json = serde_json::to_value(explained()).unwrap();
    let rights = |kind: &str, i: usize| {
        let watch = json["watches"].as_array().unwrap().iter().find(|watch| watch["kind"] == kind).unwrap();
        let rights = watch["readers"][i]["rights"].as_array().unwrap().iter().map(|right| right.as_str().unwrap());
        rights.collect::<Vec<_>>().join(", ")
    };
    assert_eq!(rights("StatefulSet", 0), "list, patch, watch");
    assert_eq!(
        rights("Deployment", 0),
        "create, delete, list, patch, update, watch, update on statefulsets/finalizers"
    );
    assert_eq!(
        rights("Deployment", 1),
        "create, delete, get, list, patch, update, watch, update on statefulsets/finalizers"
    );
    assert_eq!(rights("ReplicaSet", 0), "get, list, watch");
    assert_eq!(rights("Secret", 0), "get, list, watch");
    assert_eq!(rights("ConfigMap", 0), "list, watch");
}

#[test]
fn people_read_a_table() {
    let text = explained().to_string();
    let line = |start: &str| text.lines().find(|line| line.starts_with(start)).unwrap_or_else(|| panic!("{text}"));
    assert!(line("operator App").contains("no resync") && line("operator App").ends_with("finalizer a/b"));
    assert!(
        line("Pod (v1)").contains("through sets") && line("Pod (v1)").contains("any(spec_changed, labels_changed)")
    );
    assert!(line("ConfigMap (v1)").contains("bank shop, labels team, fields metadata.name!=x"));
    let other = text.lines().find(|line| line.contains("Other.deployments")).unwrap();
    assert!(!other.contains("Deployment ("), "the watch is named once: {text}");
    assert!(text.lines().all(|line| line.trim() == line));
}

#[test]
fn the_picture_names_nothing_that_would_end_a_text() {
    let picture = explained().mermaid();
    assert!(picture.starts_with("flowchart LR\n"));
    assert!(picture.contains("|\"through sets<br/>any(spec_changed, labels_changed)\"| o0"), "{picture}");
    assert!(picture.contains("o1 -.->|writes|"), "{picture}");
    for line in picture.lines() {
        assert_eq!(line.matches('"').count() % 2, 0, "{line}");
    }
}
