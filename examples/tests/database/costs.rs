//! That it never polls, by counts.

use std::time::Duration;

use examples::database::api::DatabaseSpec;
use k8s_openapi::api::apps::v1::StatefulSet;
use k8s_openapi::api::core::v1::{ConfigMap, Secret};
use kube::ResourceExt;
use serde_json::json;
use tests::{DEADLINE, eventually};

use crate::scene::{Scene, uids, unready};

/// `STEERSMAN_COUNTS=1` makes the idle time a minute, in which Percona's operator would have woken 12 times.
fn idle_time() -> Duration {
    Duration::from_secs(if std::env::var_os("STEERSMAN_COUNTS").is_some() { 60 } else { 12 })
}

#[tokio::test]
async fn it_sleeps_until_a_secret_changes_and_restarts_in_order() {
    let scene = Scene::begin("db-costs", 6).await;
    let spec = DatabaseSpec { shards: 2, tls_secret: Some("certificate".into()), ..scene.spec(3, 2) };
    scene.create("shop", spec).await;
    scene.says("shop", "Ready", false, "SecretMissing").await;
    scene.secret("certificate", "first").await;
    scene.is_ready("shop").await;
    let created = scene.cost().await;
    println!("creation of 8 Pods: {} runs, {:?}", created.runs, created.requests);
    println!("  {:?}", scene.databases.wake_ups());
    assert_eq!(created.requests.reads, 0);
    assert_eq!(
        created.requests.watches, 11,
        "one for each kind, whichever operators look at it: {:?}",
        created.requests
    );

    tokio::time::sleep(idle_time()).await;
    assert_eq!(scene.cost().await, created, "nothing is done while nothing happens");

    // What is none of its business.
    scene.secret("unrelated", "x").await;
    let note = json!({ "metadata": { "annotations": { "somebody.dev/note": "x" } } });
    scene.place.patch::<Secret>("certificate", note.clone()).await;
    scene.place.patch::<StatefulSet>("shop-router", note.clone()).await;
    assert_eq!(scene.cost().await, created, "nor then");

    let before = uids(&scene.pods().await);
    scene.place.patch::<Secret>("certificate", json!({ "stringData": { "password": "second" } })).await;
    let begin = std::time::Instant::now();
    loop {
        let pods = scene.pods().await;
        let lacking = 8 - pods.len().min(8) + unready(&pods);
        assert!(lacking <= 1, "one Pod at a time: {:?}", pods.iter().map(ResourceExt::name_any).collect::<Vec<_>>());
        if scene.restarted().len() == 8 && lacking == 0 {
            break;
        }
        assert!(begin.elapsed() < DEADLINE, "{:?}", scene.restarted());
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    scene.is_ready("shop").await;
    let after = scene.cost().await;
    let runs = after.runs - created.runs;
    println!("restart of 8 Pods: {runs} runs, {:?}", after.requests);
    println!("  {:?}", scene.databases.wake_ups());
    let shard = |i: usize| [2, 1, 0].map(|member| format!("shop-shard-{i}-{member}"));
    let routers = ["shop-router-1", "shop-router-0"].map(str::to_owned);
    assert_eq!(scene.restarted(), [&shard(0)[..], &shard(1), &routers].concat());
    assert!(uids(&scene.pods().await).iter().all(|uid| !before.contains(uid)), "each once");
    assert_eq!(after.requests.reads, 0);
    assert_eq!(after.requests.watches, created.requests.watches);
    // One that applies three StatefulSets and restarts the first Pod, one when they are observed; and for each Pod at most one
    // when it has gone, one when it is there, and one when it is ready.
    assert!(runs <= 3 + 3 * 8, "{runs} runs");
    assert_eq!(scene.operating.writes("statefulsets").len() - 3, 3, "{:?}", scene.operating.writes("statefulsets"));
    assert_eq!(scene.databases.failures(), 0);
    assert!(scene.databases.provoked().is_empty(), "no run for an own write: {:?}", scene.databases.provoked());

    assert_eq!(scene.cost().await, after, "and then it sleeps again");
}

#[tokio::test]
async fn a_restarted_operator_writes_nothing() {
    let scene = Scene::begin("db-again", 1).await;
    scene.create("shop", scene.spec(1, 1)).await;
    scene.is_ready("shop").await;
    scene.cost().await;
    let Scene { place, operating, .. } = scene;
    operating.stop().await;
    let scene = Scene::begin_again(place).await;
    let cost = scene.cost().await;
    assert_eq!(cost.runs, 1);
    assert_eq!((cost.requests.reads, cost.requests.writes), (0, 0), "{:?}", scene.operating.requests());
    // It still repairs.
    scene.place.delete::<ConfigMap>("shop-config").await;
    eventually("the ConfigMap is back", async || scene.place.get::<ConfigMap>("shop-config").await.is_some()).await;
}
