//! What clients get.

use std::time::Duration;

use futures::{AsyncBufReadExt, StreamExt, TryStreamExt};
use http::Request as HttpRequest;
use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::{ConfigMap, Pod};
use kube::api::{DeleteParams, ListParams, Patch, PatchParams, PostParams, Preconditions};
use kube::core::ObjectMeta;
use kube::{Api, Client, Error};
use serde_json::{Value, json};

use super::*;
use crate::testing::Cost;

fn map(name: &str) -> ConfigMap {
    let metadata = ObjectMeta { name: Some(name.into()), namespace: Some("a".into()), ..ObjectMeta::default() };
    ConfigMap { metadata, data: Some([("k".into(), "v".into())].into()), ..ConfigMap::default() }
}

fn maps(api: &ApiServer) -> Api<ConfigMap> {
    Api::namespaced(api.client(), "a")
}

fn refused<T: fmt::Debug>(answer: Result<T, Error>) -> (u16, String) {
    match answer {
        Err(Error::Api(status)) => (status.code, status.reason.clone()),
        other => panic!("no refusal: {other:?}"),
    }
}

#[tokio::test]
async fn objects_are_created_changed_and_deleted_under_preconditions() {
    let api = ApiServer::new();
    let maps = maps(&api);
    let created = maps.create(&PostParams::default(), &map("x")).await.unwrap();
    assert_eq!(created.metadata.creation_timestamp.as_ref().unwrap().0.to_string(), "2030-01-01T00:00:00Z");
    assert_eq!(created.metadata.generation, None, "a ConfigMap has none");
    assert_eq!(refused(maps.create(&PostParams::default(), &map("x")).await), (409, "AlreadyExists".into()));
    api.change("a/x", |map: &mut ConfigMap| map.data = None);
    assert_eq!(refused(maps.replace("x", &PostParams::default(), &created).await), (409, "Conflict".into()));
    let preconditions = Preconditions { uid: Some("other".into()), ..Preconditions::default() };
    let other = DeleteParams { preconditions: Some(preconditions), ..DeleteParams::default() };
    assert_eq!(refused(maps.delete("x", &other).await).0, 409);
    api.change("a/x", |map: &mut ConfigMap| map.metadata.finalizers = Some(vec!["a/b".into()]));
    assert!(maps.delete("x", &DeleteParams::default()).await.unwrap().is_left());
    assert!(api.get::<ConfigMap>("a/x").unwrap().metadata.deletion_timestamp.is_some());
    let patch = Patch::Merge(json!({ "metadata": { "finalizers": null } }));
    maps.patch("x", &PatchParams::default(), &patch).await.unwrap();
    assert_eq!(refused(maps.get("x").await), (404, "NotFound".into()));
    api.assert_requests(Cost { reads: 1, writes: 6 });
}

#[tokio::test]
async fn a_generation_counts_what_is_desired_and_a_status_has_a_way_of_its_own() {
    let api = ApiServer::new();
    let deployment: Deployment = serde_json::from_value(json!({
        "metadata": { "name": "x" }, "spec": { "selector": {}, "template": {}, "replicas": 1 }, "status": { "replicas": 1 },
    }))
    .unwrap();
    assert_eq!(api.add(deployment).metadata.generation, Some(1));
    let deployments = Api::<Deployment>::namespaced(api.client(), "default");
    let patch = json!({ "spec": { "replicas": 2 }, "status": { "replicas": 9 } });
    let patched = deployments.patch("x", &PatchParams::default(), &Patch::Merge(&patch)).await.unwrap();
    assert_eq!((patched.metadata.generation, patched.status.unwrap().replicas), (Some(2), Some(1)));
    let patched = deployments.patch_status("x", &PatchParams::default(), &Patch::Merge(&patch)).await.unwrap();
    assert_eq!((patched.spec.replicas, patched.status.unwrap().replicas), (Some(2), Some(9)));
    assert_eq!(patched.metadata.generation, Some(2));
    let version = patched.metadata.resource_version;
    let again = deployments.patch_status("x", &PatchParams::default(), &Patch::Merge(&patch)).await.unwrap();
    assert_eq!(again.metadata.resource_version, version, "what changes nothing is no new version");
}

#[tokio::test]
async fn what_is_owned_goes_with_its_last_owner() {
    let api = ApiServer::new();
    let owner = api.add(map("owner"));
    let child = api.add_owned(&*owner, map("child"));
    api.add_owned(&*child, map("grandchild"));
    api.add(map("stranger"));
    api.delete::<ConfigMap>("a/owner");
    let left: Vec<_> = api.list::<ConfigMap>().iter().map(|map| map.metadata.name.clone().unwrap()).collect();
    assert_eq!(left, ["stranger"]);
}

async fn lines(client: &Client, query: &str) -> impl futures::Stream<Item = Value> + use<> {
    let request = HttpRequest::get(format!("/api/v1/configmaps?watch=true&{query}")).body(Vec::new()).unwrap();
    let stream = client.request_stream(request).await.unwrap();
    stream
        .lines()
        .map_ok(|line| serde_json::from_str(&line).unwrap())
        .map(|line: std::io::Result<Value>| line.unwrap_or_default())
}

#[tokio::test(start_paused = true)]
async fn watches_list_select_mark_their_progress_and_end() {
    let api = ApiServer::new();
    api.add(map("x"));
    let client = api.client();
    let mut watch = Box::pin(lines(&client, "sendInitialEvents=true&timeoutSeconds=90&labelSelector=%21hidden").await);
    let mut next = async || watch.next().await.map(|line| (line["type"].clone(), line["object"]["metadata"].clone()));
    assert_eq!(next().await.unwrap().0, "ADDED");
    let (word, end) = next().await.unwrap();
    assert_eq!((word, &end["annotations"]["k8s.io/initial-events-end"]), (json!("BOOKMARK"), &json!("true")));
    api.change("a/x", |map: &mut ConfigMap| map.data = None);
    assert_eq!(next().await.unwrap().0, "MODIFIED");
    api.change("a/x", |map: &mut ConfigMap| map.metadata.labels = Some([("hidden".into(), "yes".into())].into()));
    assert_eq!(next().await.unwrap().0, "DELETED", "it is selected no longer");
    api.add(Pod { metadata: map("pod").metadata, ..Pod::default() });
    let (word, mark) = next().await.unwrap();
    assert_eq!(
        (word, mark["resourceVersion"].as_str()),
        (json!("BOOKMARK"), Some("104")),
        "other kinds are progress, too"
    );
    assert_eq!(next().await, None);
    assert_eq!(api.clock().elapsed(), Duration::from_secs(90));
}

#[tokio::test(start_paused = true)]
async fn what_no_watch_has_shown_only_a_list_tells() {
    let api = ApiServer::new();
    let version = api.add(map("x")).metadata.resource_version.clone().unwrap();
    let client = api.client();
    let mut watch = Box::pin(lines(&client, &format!("resourceVersion={version}")).await);
    api.unwatched(|api| api.delete::<ConfigMap>("a/x"));
    let line = watch.next().await.unwrap();
    assert_eq!((&line["type"], &line["object"]["code"]), (&json!("ERROR"), &json!(410)));
    assert_eq!(watch.next().await, None);
    let request = HttpRequest::get(format!("/api/v1/configmaps?watch=true&resourceVersion={version}")).body(Vec::new());
    let too_old = client.request_stream(request.unwrap()).await.map(|_| ());
    assert_eq!(refused(too_old).0, 410);
}

#[tokio::test]
async fn faults_concern_what_they_are_about() {
    let api = ApiServer::new();
    let maps = maps(&api);
    api.fail(Fault::status(429).verb(Verb::Create).on::<ConfigMap>().named("a").times(2).retry_after(3));
    api.fail(Fault::status(403).on::<Pod>());
    api.fail(Fault::lost_answer().verb(Verb::Create));
    let refused_at = async || maps.create(&PostParams::default(), &map("x")).await.unwrap_err();
    // kube's client repeats what is answered 429 only where its own transport is used.
    assert!(
        matches!(refused_at().await, Error::Api(status) if status.code == 429 && status.details.as_ref().unwrap().retry_after_seconds == 3)
    );
    assert!(matches!(refused_at().await, Error::Api(status) if status.code == 429));
    assert!(matches!(refused_at().await, Error::Service(_)), "the answer is lost");
    assert!(api.get::<ConfigMap>("a/x").is_some(), "and yet it was done");
    api.fail(Fault::race(|api| api.delete::<ConfigMap>("a/x")));
    assert_eq!(refused(maps.get("x").await).0, 404);
    assert!(maps.list(&ListParams::default()).await.unwrap().items.is_empty());
}

#[tokio::test]
async fn a_kind_that_is_not_served_is_no_kind() {
    let api = ApiServer::new();
    api.add(map("x"));
    api.unserve::<ConfigMap>();
    assert_eq!(refused(maps(&api).list(&ListParams::default()).await).0, 404);
    api.serve::<ConfigMap>();
    assert!(maps(&api).list(&ListParams::default()).await.unwrap().items.is_empty());
}

#[test]
fn the_page_on_testing_shows_the_operator_that_its_examples_use() {
    let page = include_str!("../../../docs/guide/testing.md");
    let operator = include_str!("../../../docs/guide/testing_site.rs");
    let code = operator.split_once('\n').unwrap().1;
    assert!(page.contains(&format!("```\n{code}```")), "testing_site.rs is not what testing.md shows");
}
