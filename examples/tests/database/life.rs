//! What becomes of a database from its creation to its end.

use std::collections::BTreeSet;

use examples::database::api::{Database, DatabaseSpec, User};
use examples::database::desired;
use k8s_openapi::api::apps::v1::StatefulSet;
use k8s_openapi::api::core::v1::{ConfigMap, PersistentVolumeClaim, Secret, Service};
use k8s_openapi::api::policy::v1::PodDisruptionBudget;
use k8s_openapi::jiff::SignedDuration;
use kube::ResourceExt;
use kube::api::ListParams;
use serde_json::json;
use tests::eventually;

use crate::scene::Scene;

/// Enough for one run, even on a busy machine.
const SHORTLY: SignedDuration = SignedDuration::from_secs(8);

async fn claims(scene: &Scene) -> usize {
    let claims = scene.place.api::<PersistentVolumeClaim>().list(&ListParams::default()).await;
    claims.expect("they can be listed").items.len()
}

#[tokio::test]
async fn it_starts_once_the_secrets_that_it_refers_to_are_there() {
    let scene = Scene::begin("db-start", 4).await;
    let spec = DatabaseSpec {
        shards: 2,
        tls_secret: Some("certificate".into()),
        users: vec![User { name: "ann".into(), secret: "ann".into() }],
        ..scene.spec(2, 1)
    };
    scene.create("shop", spec).await;
    scene.says("shop", "Ready", false, "SecretMissing").await;
    assert!(scene.place.get::<StatefulSet>("shop-router").await.is_none());
    scene.secret("certificate", "x").await;
    scene.secret("ann", "y").await;
    scene.is_ready("shop").await;

    for set in ["shop-shard-0", "shop-shard-1", "shop-router"] {
        let set = scene.place.get::<StatefulSet>(set).await.expect("the StatefulSet is there");
        assert_eq!(set.owner_references()[0].kind, "Database");
        assert!(scene.place.get::<PodDisruptionBudget>(&set.name_any()).await.is_some());
    }
    for service in ["shop", "shop-members"] {
        assert!(scene.place.get::<Service>(service).await.is_some());
    }
    let config = scene.place.get::<ConfigMap>("shop-config").await.expect("the ConfigMap is there");
    assert_eq!(config.data.expect("it has data")["database.conf"], "cache = 1GiB\n");
    // The users' own have no owner.
    assert!(scene.place.get::<Secret>("ann").await.expect("it is there").owner_references().is_empty());
    eventually("the status tells of Pods and volumes", async || {
        let status = scene.place.get::<Database>("shop").await.and_then(|db| db.status).unwrap_or_default();
        (status.ready, status.volumes) == (5, 4)
    })
    .await;
    assert_eq!(scene.databases.failures(), 0);
    assert_eq!(scene.operating.costs().reads, 0);
}

#[tokio::test]
async fn a_password_is_made_once_and_again_when_it_is_due() {
    let scene = Scene::begin("db-password", 2).await;
    let spec = DatabaseSpec { rotate_password_days: Some(30), ..scene.spec(2, 1) };
    scene.create("shop", spec).await;
    scene.is_ready("shop").await;
    let first = scene.password("shop-credentials").await.expect("there is a password");
    let key = scene.place.get::<Secret>("shop-key").await.expect("there is a key").data;

    // Whatever runs follow.
    scene.place.patch::<Database>("shop", json!({ "metadata": { "labels": { "tier": "back" } } })).await;
    scene.place.patch::<ConfigMap>("shop-config", json!({ "data": { "database.conf": "" } })).await;
    scene.cost().await;
    assert_eq!(scene.password("shop-credentials").await.as_ref(), Some(&first));
    assert!(scene.restarted().is_empty());

    // Shortly before it is due, so that a run of another cause learns of the time, and asks to be run again then.
    let before = scene.cost().await;
    let secret = scene.place.get::<Secret>("shop-credentials").await.expect("it is there");
    scene
        .set_clock(desired::rotated_at(&secret).expect("it says when") + SignedDuration::from_hours(30 * 24) - SHORTLY);
    scene.place.patch::<Database>("shop", json!({ "metadata": { "labels": { "tier": "front" } } })).await;
    eventually("the password is another one", async || {
        scene.password("shop-credentials").await.is_some_and(|password| password != first)
    })
    .await;
    let second = scene.password("shop-credentials").await;
    eventually("all Pods have started anew", async || scene.restarted().len() == 3).await;
    scene.is_ready("shop").await;
    let after = scene.cost().await;
    println!("rotation: {} runs", after.runs - before.runs);
    assert_eq!(scene.databases.wake_ups().get("requeue"), Some(&1), "{:?}", scene.databases.wake_ups());
    assert_eq!(scene.password("shop-credentials").await, second, "once");
    assert_eq!(scene.place.get::<Secret>("shop-key").await.expect("it stays").data, key);
    assert_eq!(scene.restarted(), ["shop-shard-0-1", "shop-shard-0-0", "shop-router-0"]);
    assert_eq!(scene.databases.failures(), 0);
}

#[tokio::test]
async fn what_was_taken_out_of_a_generated_secret_is_made_anew() {
    let scene = Scene::begin("db-taken", 1).await;
    scene.create("shop", scene.spec(1, 1)).await;
    scene.is_ready("shop").await;
    let first = scene.password("shop-credentials").await.expect("there is a password");
    scene.place.patch::<Secret>("shop-credentials", json!({ "data": null })).await;
    eventually("there is a password again", async || scene.password("shop-credentials").await.is_some()).await;
    assert_ne!(scene.password("shop-credentials").await.as_ref(), Some(&first));
    scene.place.patch::<Secret>("shop-key", json!({ "data": null })).await;
    eventually("there is a key again", async || {
        scene.place.get::<Secret>("shop-key").await.is_some_and(|secret| desired::has(&secret, desired::KEY))
    })
    .await;
    scene.place.delete::<Secret>("shop-credentials").await;
    eventually("there is a Secret again", async || scene.password("shop-credentials").await.is_some()).await;
    scene.is_ready("shop").await;
}

#[tokio::test]
async fn data_stay_unless_they_are_to_be_deleted() {
    let scene = Scene::begin("db-data", 4).await;
    scene.create("kept", scene.spec(2, 1)).await;
    let spec = DatabaseSpec { delete_volumes: true, ..scene.spec(2, 1) };
    scene.create("gone", spec).await;
    scene.is_ready("kept").await;
    scene.is_ready("gone").await;
    assert_eq!(claims(&scene).await, 4);

    scene.place.delete::<Database>("kept").await;
    scene.place.delete::<Database>("gone").await;
    scene.place.gone::<Database>("gone").await;
    let left =
        scene.place.api::<PersistentVolumeClaim>().list(&ListParams::default()).await.expect("they can be listed");
    let names: BTreeSet<String> = left.iter().map(ResourceExt::name_any).collect();
    assert_eq!(names, ["data-kept-shard-0-0", "data-kept-shard-0-1"].map(str::to_owned).into());
    scene.place.gone::<Database>("kept").await;
    eventually("no Pod is left", async || scene.pods().await.is_empty()).await;
    assert_eq!(claims(&scene).await, 2);
    assert_eq!(scene.operating.costs().reads, 0);
}

#[tokio::test]
async fn what_would_lose_data_is_refused_by_the_schema() {
    let scene = Scene::begin("db-schema", 1).await;
    scene.create("shop", scene.spec(1, 1)).await;
    let api = scene.place.api::<Database>();
    let refused = async |patch: serde_json::Value| {
        let patch = kube::api::Patch::Merge(patch);
        let answer = api.patch("shop", &kube::api::PatchParams::default(), &patch).await;
        answer.expect_err("it is refused").to_string()
    };
    let text = refused(json!({ "spec": { "storage": { "size": "2Gi" } } })).await;
    assert!(text.contains("storage cannot be changed"), "{text}");
    let text = refused(json!({ "spec": { "shards": 0 } })).await;
    assert!(text.contains("a shard cannot be taken away"), "{text}");
    let named = Database::new("0shop.x", scene.spec(1, 1));
    let text = api.create(&kube::api::PostParams::default(), &named).await.expect_err("it is refused").to_string();
    assert!(text.contains("the name is that of a Service"), "{text}");
}
