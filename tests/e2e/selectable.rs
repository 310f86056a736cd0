//! By which fields objects can be selected: what is said, and what the API server takes.

use std::collections::BTreeSet;

use futures::StreamExt;
use kube::{Client, CustomResourceExt};
use serde_json::{Value, json};
use steersman::__private::Selectable;
use steersman::Action;
use steersman_control_plane::{ControlPlane, Part};
use tests::kinds::{Lamp, LampSpec, Lighthouse, Shelf};
use tests::{Journal, install, owned_by};

use crate::place;

/// A kind that the API server serves.
struct Served {
    name: String,
    namespaced: bool,
    /// Where all its objects are listed.
    list: String,
    /// The paths of all fields that have one value in each object.
    paths: BTreeSet<String>,
    said: Option<Selectable>,
}

impl Served {
    fn is_said(&self, path: &str) -> bool {
        self.said.is_some_and(|said| said.fields().contains(&path))
    }

    /// Taken although it is never set: "specifying a particular namespace will return no results, as expected" is in the
    /// API server's source.
    fn is_vain(&self, path: &str) -> bool {
        !self.namespaced && path == "metadata.namespace"
    }
}

async fn get(client: &Client, path: &str) -> Result<Value, kube::Error> {
    client.request(http::Request::get(path).body(Vec::new()).expect("a path makes a request")).await
}

async fn read(client: &Client, path: &str) -> Value {
    get(client, path).await.unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn texts<'a>(list: &'a Value, name: &str) -> Vec<&'a str> {
    list.as_array().into_iter().flatten().filter_map(|item| item[name].as_str()).collect()
}

/// All kinds that can be listed and watched, of all groups and versions.
async fn served(client: &Client) -> Vec<Served> {
    let groups = read(client, "/apis").await;
    let versions = groups["groups"].as_array().into_iter().flatten();
    let versions = versions.flat_map(|group| texts(&group["versions"], "groupVersion"));
    let roots: Vec<_> = std::iter::once("api/v1".to_owned()).chain(versions.map(|v| format!("apis/{v}"))).collect();
    let mut kinds = Vec::new();
    for root in roots {
        let resources = read(client, &format!("/{root}")).await;
        let document = read(client, &format!("/openapi/v3/{root}")).await;
        let schemas = &document["components"]["schemas"];
        let (group, version) = root.strip_prefix("apis/").and_then(|root| root.split_once('/')).unwrap_or(("", "v1"));
        for resource in resources["resources"].as_array().into_iter().flatten() {
            let can = |verb: &str| resource["verbs"].as_array().is_some_and(|verbs| verbs.iter().any(|v| v == verb));
            if !can("list") || !(can("watch") || resource["kind"] == "ComponentStatus") {
                continue;
            }
            let kind = resource["kind"].as_str().expect("a resource has a kind");
            let namespaced = resource["namespaced"] == true;
            let mut paths = BTreeSet::new();
            leaves(schemas, schema_of(schemas, group, version, kind), "", &mut Vec::new(), &mut paths);
            kinds.push(Served {
                name: format!("{kind} ({group}/{version})"),
                namespaced,
                list: format!("/{root}/{}", resource["name"].as_str().expect("a resource has a name")),
                paths,
                said: Selectable::of(group, kind, namespaced),
            });
        }
    }
    kinds
}

fn schema_of<'a>(schemas: &'a Value, group: &str, version: &str, kind: &str) -> &'a Value {
    let is = |schema: &&Value| {
        let kinds = schema["x-kubernetes-group-version-kind"].as_array().into_iter().flatten();
        kinds.into_iter().any(|k| k["group"] == group && k["version"] == version && k["kind"] == kind)
    };
    let mut all = schemas.as_object().into_iter().flat_map(|schemas| schemas.values());
    all.find(is).unwrap_or_else(|| panic!("{kind} ({group}/{version}) has no schema"))
}

/// Adds the paths of all fields with one value; lists and maps have none, and what contains itself has them once.
fn leaves<'a>(
    schemas: &'a Value,
    schema: &'a Value,
    path: &str,
    within: &mut Vec<&'a str>,
    paths: &mut BTreeSet<String>,
) {
    let reference = schema["$ref"].as_str().or_else(|| schema["allOf"][0]["$ref"].as_str());
    if let Some(name) = reference.and_then(|reference| reference.strip_prefix("#/components/schemas/")) {
        if !within.contains(&name) {
            within.push(name);
            leaves(schemas, &schemas[name], path, within, paths);
            within.pop();
        }
    } else if let Some(properties) = schema["properties"].as_object() {
        let dot = if path.is_empty() { "" } else { "." };
        for (name, schema) in properties {
            leaves(schemas, schema, &format!("{path}{dot}{name}"), within, paths);
        }
    } else if schema["type"] != "array" && schema["additionalProperties"].is_null() {
        paths.insert(path.to_owned());
    }
}

/// Whether the API server takes the selector; otherwise it must say that it is the field that it does not know.
async fn takes(client: &Client, list: &str, path: &str) -> Result<bool, String> {
    match get(client, &format!("{list}?limit=1&fieldSelector={path}%3Dx")).await {
        Ok(_) => Ok(true),
        Err(kube::Error::Api(status)) if status.code == 400 && is_about(&status.message, path) => Ok(false),
        Err(error) => Err(format!("{list} by {path}: {error}")),
    }
}

fn is_about(message: &str, path: &str) -> bool {
    let is_known_form = message.contains("field label") || message.contains("is not a known field selector");
    is_known_form && message.contains(path)
}

/// Each field of each kind is asked for, and each name of the table of every kind.
#[tokio::test]
async fn the_fields_by_which_kinds_are_selected_are_those_that_the_api_server_takes() {
    let everything = ["--runtime-config=api/all=true", "--feature-gates=AllAlpha=true,AllBeta=true"];
    let builder = ControlPlane::builder().api_server_only();
    let builder = everything.into_iter().fold(builder, |builder, arg| builder.arg(Part::ApiServer, arg));
    let cluster = builder.start().await.expect("the control plane starts");
    let client = cluster.client();
    let kinds = served(&client).await;
    let names: BTreeSet<_> = kinds.iter().flat_map(|kind| kind.said).flat_map(|said| said.fields()).copied().collect();
    let unknown: Vec<_> = kinds.iter().filter(|kind| kind.said.is_none()).map(|kind| &kind.name).collect();
    assert_eq!(unknown, [""; 0], "these kinds are not in the table");

    let questions = kinds.iter().flat_map(|kind| {
        let paths: BTreeSet<_> = kind.paths.iter().map(String::as_str).chain(names.iter().copied()).collect();
        paths.into_iter().map(move |path| (kind, path))
    });
    let asked = futures::stream::iter(questions).map(async |(kind, path)| {
        let taken = takes(&client, &kind.list, path).await;
        (kind, path, taken)
    });
    let answers: Vec<_> = asked.buffer_unordered(16).collect().await;
    let wrong = answers.iter().filter_map(|(kind, path, taken)| match taken {
        Ok(taken) if *taken == kind.is_said(path) || kind.is_vain(path) => None,
        Ok(taken) => Some(format!("{} by {path}: taken: {taken}", kind.name)),
        Err(error) => Some(error.clone()),
    });
    assert_eq!(wrong.collect::<Vec<_>>(), [""; 0]);
    assert!(kinds.len() > 90 && answers.len() > 5000, "{} kinds, {} questions", kinds.len(), answers.len());

    // What is in no namespace is not found by any, nor by the want of one.
    let mut vain = 0;
    for kind in kinds.iter().filter(|kind| !kind.namespaced) {
        for selector in ["metadata.namespace%3Dx", "metadata.namespace!%3D"] {
            if let Ok(list) = get(&client, &format!("{}?fieldSelector={selector}", kind.list)).await {
                vain += 1;
                assert_eq!(list["items"].as_array().map_or(0, Vec::len), 0, "{} by {selector}", kind.name);
            }
        }
    }
    assert!(vain > 10, "{vain}");
}

/// The fields of a custom resource are known to its definition alone, so the API server is the first to say that one is missing.
#[tokio::test]
async fn a_field_that_a_definition_does_not_list_is_said_with_what_to_add() {
    let place = place("lamps").await;
    install(&place.client, Lamp::crd()).await;
    let (journal, seen) = (Journal::default(), Journal::default());
    let notes = seen.clone();
    let operator = Lighthouse::by(&journal, move |_, seen, _| {
        notes.note(format!("{} red lamps", seen.lamps.len()));
        async { Ok(Action::await_change()) }
    });
    let shelf = place.create(Shelf::of("a", &[])).await;
    for color in ["red", "green"] {
        place.create(owned_by(Lamp::new(color, LampSpec { color: color.into() }), &shelf)).await;
    }
    let operating = place.operate(|manager| manager.with(operator.namespace(&place.namespace)));
    let said = place.log.says(&["WARN", "the watch does not work", "kind=Lamp"]).await;
    for part in [
        "#[secondary(Lamp, fields = \"spec.color=red\")] of Lighthouse",
        "state=\"not selectable\"",
        "cannot select Lamp (test.steersman.dev/v1) by `spec.color`",
        "`selectableFields` of the CRD `lamps.test.steersman.dev`",
        "#[kube(selectable = \".spec.color\")]",
    ] {
        assert!(said.contains(part), "{part}: {said}");
    }
    assert_eq!(journal.lines(), [""; 0]);

    // What was said helps.
    let mut crd = Lamp::crd();
    crd.spec.versions[0].selectable_fields = serde_json::from_value(json!([{ "jsonPath": ".spec.color" }])).unwrap();
    install(&place.client, crd).await;
    place.log.says(&["the watch works again", "kind=Lamp"]).await;
    seen.reaches("1 red lamps", 1).await;
    assert_eq!(place.log.lines(&["WARN", "kind=Lamp"]).len(), 1);
    assert_eq!(operating.costs().reads, 0, "{:?}", operating.requests());
}
