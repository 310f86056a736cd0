//! An API server without streaming lists, whose etcd forgets old versions.

use http::Request;
use k8s_openapi::api::core::v1::ConfigMap;
use kube::ResourceExt;
use steersman::{Action, OperatorBuilder};
use steersman_control_plane::User;
use tests::kinds::Shelf;
use tests::{Journal, Operating, Place, Proxy, config_map, eventually, owned_by};

use crate::{nudge, turn_without_streaming};

const SHELVES: usize = 12;
const MAPS: usize = 100;

/// Shelves with more ConfigMaps, all together, than there are on two pages.
async fn fill(place: &Place) {
    place.allow("all", &["configmaps"]).await;
    let fill = async |shelf: usize| {
        let owner = place.create(Shelf::of(&format!("s{shelf}"), &[])).await;
        for map in 0..MAPS {
            place.create(owned_by(config_map(&format!("s{shelf}-{map}"), ""), &owner)).await;
        }
    };
    futures::future::join_all((0..SHELVES).map(fill)).await;
}

/// Notes how many ConfigMaps each run sees.
fn counter(journal: &Journal) -> OperatorBuilder<impl steersman::Operator> {
    let notes = journal.clone();
    Shelf::by(&Journal::default(), move |shelf, seen, cx| {
        notes.note(format!("{}: {}, {}", shelf.name_any(), cx.triggers(), seen.config_maps.len()));
        async { Ok(Action::await_change()) }
    })
}

/// Waits until etcd has forgotten the present version.
async fn forgotten(place: &Place) {
    let path = format!("/api/v1/namespaces/{}/configmaps?limit=1", place.namespace);
    let get = async |query: &str| {
        let request = Request::get(format!("{path}{query}")).body(Vec::new()).unwrap();
        place.client.request::<serde_json::Value>(request).await
    };
    let now = get("").await.unwrap()["metadata"]["resourceVersion"].as_str().unwrap().to_owned();
    let exact = format!("&resourceVersion={now}&resourceVersionMatch=Exact");
    eventually("etcd has forgotten", async || {
        // It forgets what has a successor.
        nudge(place, "s11-0").await;
        matches!(get(&exact).await, Err(kube::Error::Api(status)) if status.code == 410)
    })
    .await;
}

/// The lists of ConfigMaps, as pairs of "continues a former page" and status.
fn pages(operating: &Operating) -> Vec<(bool, u16)> {
    let requests = operating.requests();
    let lists = requests.iter().filter(|r| r.verb == "list" && r.resource == "configmaps");
    lists.map(|list| (list.path.contains("continue="), list.code)).collect()
}

#[tokio::test]
async fn without_streaming_lists_there_are_pages_and_versions_expire() {
    let turn = turn_without_streaming("pages").await;
    let place = &turn.place;
    fill(place).await;
    let journal = Journal::default();
    let agent = place.agent();
    let (proxy, client) = Proxy::before(place.cluster.config_for(User::Operator, Some(&agent))).await;
    let operating =
        place.operate_with(client, agent, |manager| manager.with(counter(&journal).namespace(&place.namespace)));
    journal.reaches("s", SHELVES).await;
    nudge(place, "s0-0").await;
    journal.reaches("s0: config_maps", 1).await;
    let lines = journal.take();
    assert_eq!(lines.len(), SHELVES + 1);
    assert_eq!(lines.iter().filter(|line| line.ends_with(": startup, 100")).count(), SHELVES, "{lines:?}");
    assert_eq!(pages(&operating), [(false, 200), (true, 200), (true, 200)]);
    assert!(
        place.log.lines(&["the watch does not work"]).is_empty(),
        "an older API server is nothing to complain about"
    );

    // The version to go on from is forgotten: another list, whose differences are what happened.
    proxy.cut();
    place.log.says(&["the watch does not work", "ConfigMap", "unreachable"]).await;
    place.delete::<ConfigMap>("s3-7").await;
    place.delete::<Shelf>("s4").await;
    // The same again, and yet another one.
    let owner = place.get::<Shelf>("s5").await.unwrap();
    place.delete::<ConfigMap>("s5-9").await;
    place.create(owned_by(config_map("s5-9", ""), &owner)).await;
    forgotten(place).await;
    proxy.mend();
    journal.reaches("s3: config_maps, 99", 1).await;
    journal.reaches("s5: config_maps, 100", 1).await;
    nudge(place, "s0-0").await;
    nudge(place, "s1-0").await;
    journal.reaches("s1: config_maps, 100", 1).await;
    let mut lines = journal.take();
    lines.retain(|line| !line.starts_with("s11: "));
    lines.sort();
    assert_eq!(lines, ["s1: config_maps, 100", "s3: config_maps, 99", "s5: config_maps, 100"]);
    assert_eq!(pages(&operating).len(), 6, "{:?}", pages(&operating));
}

#[tokio::test]
async fn a_list_that_expires_between_two_pages_begins_again() {
    let turn = turn_without_streaming("expires").await;
    let place = &turn.place;
    fill(place).await;
    let journal = Journal::default();
    let agent = place.agent();
    let (proxy, client) = Proxy::before(place.cluster.config_for(User::Operator, Some(&agent))).await;
    // In the midst of the first page, which is longer.
    proxy.hold_after(150_000);
    let operating =
        place.operate_with(client, agent, |manager| manager.with(counter(&journal).namespace(&place.namespace)));
    eventually("the list has begun", async || !pages(&operating).is_empty()).await;
    place.delete::<ConfigMap>("s3-7").await;
    forgotten(place).await;
    assert_eq!(journal.lines(), Vec::<String>::new());
    proxy.mend();
    journal.reaches("s", SHELVES).await;
    nudge(place, "s0-0").await;
    journal.reaches("s0: config_maps", 1).await;
    let mut lines = journal.lines();
    assert_eq!(lines.len(), SHELVES + 1, "{lines:?}");
    lines.retain(|line| line.starts_with("s3: "));
    assert_eq!(lines, ["s3: startup, 99"]);
    let pages = pages(&operating);
    assert!(pages.contains(&(true, 410)), "{pages:?}");
}
