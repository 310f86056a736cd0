//! Backups and restores.

use examples::database::api::{Backup, Database, DatabaseSpec, Phase, Restore, TaskKind};
use k8s_openapi::api::batch::v1::Job;
use k8s_openapi::api::core::v1::{LimitRange, Pod};
use serde_json::json;
use steersman::Stats;
use tests::{eventually, typed};

use crate::scene::Scene;

#[tokio::test]
async fn a_backup_waits_for_what_it_needs_and_is_made_once() {
    let scene = Scene::begin("db-backup", 2).await;
    scene.back_up("nightly", "shop").await;
    scene.backup_is("nightly", Phase::Waiting).await;
    scene.secret("storage", "x").await;
    scene.create("shop", scene.spec(2, 1)).await;
    scene.backup_is("nightly", Phase::Succeeded).await;
    let job = scene.place.get::<Job>("nightly-backup").await.expect("there is a Job");
    let args = job.spec.and_then(|spec| spec.template.spec?.containers.swap_remove(0).args);
    assert_eq!(args.expect("it has arguments"), ["backup", "shop-shard-0-1"], "from the member that does not lead");

    // What is over refers to nothing, and nothing wakes it.
    scene.is_ready("shop").await;
    eventually("the turn is over", async || {
        scene.place.get::<Database>("shop").await.is_some_and(|db| db.turn().is_none())
    })
    .await;
    scene.cost().await;
    let runs = scene.backups.runs();
    scene.place.delete::<Pod>("shop-shard-0-1").await;
    scene.place.patch::<Database>("shop", json!({ "spec": { "routers": 2 } })).await;
    scene.is_ready("shop").await;
    scene.cost().await;
    assert_eq!(scene.backups.runs(), runs, "{:?}", scene.backups.wake_ups());
    assert_eq!(scene.operating.costs().reads, 0);
    assert_eq!(scene.backups.failures() + scene.databases.failures(), 0);
}

#[tokio::test]
async fn a_restore_stops_the_database_and_lets_it_go_on() {
    let scene = Scene::begin("db-restore", 2).await;
    let spec = DatabaseSpec { delete_volumes: true, ..scene.spec(2, 1) };
    scene.create("shop", spec).await;
    scene.back_up("nightly", "shop").await;
    scene.backup_is("nightly", Phase::Waiting).await;
    scene.secret("storage", "x").await;
    scene.backup_is("nightly", Phase::Succeeded).await;
    scene.is_ready("shop").await;

    scene.restore("undo", "shop", "nightly").await;
    scene.restore_is("undo", Phase::Succeeded).await;
    scene.is_ready("shop").await;
    scene.says("shop", "Paused", false, "NoRestore").await;
    assert_eq!(scene.pods().await.len(), 3);
    // No Pod came before the data were there.
    let status = scene.place.get::<Restore>("undo").await.and_then(|restore| restore.status).expect("it has a status");
    let done =
        &status.conditions.iter().find(|condition| condition.status == "True").expect("done").last_transition_time;
    for pod in scene.pods().await {
        assert!(pod.metadata.creation_timestamp.as_ref() >= Some(done), "{:?}", pod.metadata);
    }
    // Its Job is gone, whose Pod would keep the claims.
    scene.place.gone::<Job>("undo-restore").await;
    scene.place.delete::<Database>("shop").await;
    scene.place.gone::<Database>("shop").await;
    assert_eq!(scene.operating.costs().reads, 0);
    assert_eq!(scene.restores.failures() + scene.databases.failures(), 0);
}

#[tokio::test]
async fn a_database_goes_on_when_its_restore_is_deleted_in_between() {
    let scene = Scene::begin("db-undone", 1).await;
    scene.secret("storage", "x").await;
    scene.create("shop", scene.spec(1, 1)).await;
    scene.back_up("nightly", "shop").await;
    scene.backup_is("nightly", Phase::Succeeded).await;
    // Somebody else's Job is in the way, and is left alone; so the restore does not come further.
    let container = json!({ "name": "x", "image": "x" });
    let template = json!({ "spec": { "restartPolicy": "Never", "containers": [container] } });
    let job = json!({ "metadata": { "name": "undo-restore" }, "spec": { "suspend": true, "template": template } });
    scene.place.create::<Job>(typed(job)).await;
    scene.restore("undo", "shop", "nightly").await;
    scene.says("shop", "Paused", true, "Restore").await;
    let turn = scene.place.get::<Database>("shop").await.and_then(|db| db.turn().cloned());
    assert_eq!(turn.map(|turn| turn.kind), Some(TaskKind::Restore));
    scene.place.delete::<Restore>("undo").await;
    scene.is_ready("shop").await;
    assert!(scene.place.get::<Backup>("nightly").await.is_some());
}

#[tokio::test]
async fn a_restore_that_is_deleted_keeps_its_turn_until_its_job_is_gone() {
    let scene = Scene::begin("db-kept-turn", 1).await;
    scene.secret("storage", "x").await;
    scene.create("shop", scene.spec(1, 1)).await;
    scene.back_up("nightly", "shop").await;
    scene.backup_is("nightly", Phase::Succeeded).await;
    scene.is_ready("shop").await;
    // No node has room for the Job's Pod.
    let limit = json!({ "type": "Container", "defaultRequest": { "cpu": "100M" } });
    let range = json!({ "metadata": { "name": "huge" }, "spec": { "limits": [limit] } });
    scene.place.create::<LimitRange>(typed(range)).await;
    scene.restore("undo", "shop", "nightly").await;
    scene.restore_is("undo", Phase::Running).await;
    let finalizers = json!({ "metadata": { "finalizers": ["somebody.dev/hold"] } });
    scene.place.patch::<Job>("undo-restore", finalizers).await;

    scene.place.delete::<Restore>("undo").await;
    eventually("the Job is being deleted", async || {
        let job = scene.place.get::<Job>("undo-restore").await;
        job.is_some_and(|job| job.metadata.deletion_timestamp.is_some())
    })
    .await;
    scene.cost().await;
    scene.says("shop", "Paused", true, "Restore").await;
    assert!(scene.place.get::<Restore>("undo").await.is_some());
    scene.place.delete::<LimitRange>("huge").await;
    scene.place.patch::<Job>("undo-restore", json!({ "metadata": { "finalizers": null } })).await;
    scene.place.gone::<Restore>("undo").await;
    scene.is_ready("shop").await;
    assert_eq!([&scene.databases, &scene.backups, &scene.restores].map(Stats::failures), [0; 3]);
}
