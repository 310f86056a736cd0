//! Lists that break off.

use kube::ResourceExt;
use steersman::Action;
use tests::kinds::Shelf;
use tests::{Journal, config_map, eventually, owned_by};

use crate::{nudge, operate_behind_proxy, turn};

#[tokio::test]
async fn half_a_streaming_list_is_none() {
    const MAPS: usize = 300;
    let turn = turn("half").await;
    let place = &turn.place;
    place.allow("all", &["configmaps"]).await;
    let owner = place.create(Shelf::of("a", &[])).await;
    let fill = "x".repeat(2000);
    let create = async |i: usize| place.create(owned_by(config_map(&format!("m-{i:03}"), &fill), &owner)).await;
    futures::future::join_all((0..MAPS).map(create)).await;

    let (journal, seen) = (Journal::default(), Journal::default());
    let notes = seen.clone();
    let operator = Shelf::by(&journal, move |shelf, seen, _| {
        notes.note(format!("{} {}", shelf.name_any(), seen.config_maps.len()));
        async { Ok(Action::await_change()) }
    });
    // Far fewer bytes than the list has.
    let agent = place.agent();
    let config = place.cluster.config_for(steersman_control_plane::User::Operator, Some(&agent));
    let (proxy, client) = tests::Proxy::before(config).await;
    proxy.cut_after(200_000);
    let operating = place.operate_with(client, agent, |manager| manager.with(operator.namespace(&place.namespace)));
    eventually("there were several tries", async || operating.watches("configmaps") >= 4).await;
    assert_eq!(journal.lines(), Vec::<String>::new());
    assert_eq!(place.log.lines(&["the watch does not work", "ConfigMap", "unreachable"]).len(), 1, "it is said once");
    assert!(place.log.lines(&["the watch works again"]).is_empty(), "half a list is no progress");
    proxy.mend();
    journal.reaches("a: ", 1).await;
    nudge(place, "m-007").await;
    journal.reaches("a: config_maps", 1).await;
    assert_eq!(seen.lines(), [format!("a {MAPS}"), format!("a {MAPS}")]);
}

#[tokio::test]
async fn half_a_relist_deletes_nothing() {
    const MAPS: usize = 300;
    let turn = turn("relist").await;
    let place = &turn.place;
    place.allow("all", &["configmaps"]).await;
    let owner = place.create(Shelf::of("a", &[])).await;
    let fill = "x".repeat(2000);
    let create = async |i: usize| place.create(owned_by(config_map(&format!("m-{i:03}"), &fill), &owner)).await;
    futures::future::join_all((0..MAPS).map(create)).await;
    let (journal, seen) = (Journal::default(), Journal::default());
    let notes = seen.clone();
    let operator = Shelf::by(&journal, move |_, seen, _| {
        notes.note(seen.config_maps.len().to_string());
        async { Ok(Action::await_change()) }
    });
    let (proxy, operating) =
        operate_behind_proxy(place, |manager| manager.with(operator.namespace(&place.namespace))).await;
    journal.reaches("a: startup", 1).await;

    proxy.cut();
    place.log.says(&["the watch does not work", "ConfigMap", "unreachable"]).await;
    place.delete::<k8s_openapi::api::core::v1::ConfigMap>("m-299").await;
    place.cluster.kill(steersman_control_plane::Part::ApiServer).await.unwrap();
    place.cluster.start_part(steersman_control_plane::Part::ApiServer).await.unwrap();
    let before = operating.watches("configmaps");
    proxy.cut_after(300_000);
    eventually("a relist has begun and broken off", async || operating.watches("configmaps") >= before + 2).await;
    assert_eq!(journal.lines(), ["a: startup"], "nothing is decided on half a list");
    proxy.mend();
    journal.reaches("a: config_maps", 1).await;
    nudge(place, "m-007").await;
    journal.reaches("a: config_maps", 2).await;
    assert_eq!(seen.lines(), ["300", "299", "299"]);
    assert_eq!(operating.costs().reads, 0);
}
