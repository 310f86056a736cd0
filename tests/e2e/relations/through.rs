//! `through = ..`: down to the Pods of a Deployment.

use std::collections::BTreeMap;

use k8s_openapi::api::apps::v1::{Deployment, ReplicaSet};
use k8s_openapi::api::core::v1::Pod;
use kube::ResourceExt;
use kube::api::{DeleteParams, ListParams};
use serde_json::json;
use steersman::{Action, Operator, OperatorBuilder};
use tests::fleet::{Deep, Fleet, FleetSpec, is_ready};
use tests::{Journal, Place, eventually, typed};

use crate::place;

fn deployment(name: &str, replicas: i32, image: &str) -> Deployment {
    typed(json!({
        "metadata": { "name": name },
        "spec": {
            "replicas": replicas,
            "selector": { "matchLabels": { "app": name } },
            "template": {
                "metadata": { "labels": { "app": name } },
                "spec": { "containers": [{ "name": "main", "image": image }] },
            },
        },
    }))
}

/// Keeps a Deployment, and says in the status how many of its Pods are ready.
fn deep(journal: &Journal, place: &Place) -> OperatorBuilder<impl Operator> {
    let operator = Deep::by(journal, |fleet, _, cx| async move {
        cx.deployment().apply(deployment(&fleet.name_any(), fleet.spec.replicas, &fleet.spec.note)).await?;
        let seen = cx.snapshot();
        let ready = seen.pods.iter().filter(|pod| is_ready(pod)).count();
        let status = tests::fleet::FleetStatus { seen: format!("{ready} of {}", seen.pods.len()) };
        cx.apply_status(status).await?;
        Ok(Action::await_change())
    });
    operator.namespace(&place.namespace)
}

fn fleet(name: &str, replicas: i32, image: &str) -> Fleet {
    Fleet::new(name, FleetSpec { replicas, note: image.into(), ..FleetSpec::default() })
}

async fn says(place: &Place, name: &str, text: &str) {
    eventually(&format!("the status of {name} says {text}"), async || {
        let status = place.get::<Fleet>(name).await.and_then(|fleet| fleet.status).unwrap_or_default();
        status.seen == text
    })
    .await;
}

#[tokio::test]
async fn pods_are_followed_through_replica_sets_whatever_happens_to_them() {
    let place = place("deep").await;
    let journal = Journal::default();
    // Others, whose Pods are none of ours.
    place.create(deployment("foreign", 2, "other")).await;
    let operating = place.operate(|manager| manager.with(deep(&journal, &place)));
    place.create(fleet("f", 2, "one")).await;
    says(&place, "f", "2 of 2").await;
    let pods = place.api::<Pod>();
    let ours = async || pods.list(&ListParams::default().labels("app=f")).await.unwrap().items;
    let first = ours().await[0].name_any();
    pods.delete(&first, &DeleteParams::default().grace_period(0)).await.unwrap();
    eventually("another Pod is ready", async || {
        let pods = ours().await;
        pods.len() == 2 && pods.iter().all(|pod| pod.name_any() != first && is_ready(pod))
    })
    .await;
    says(&place, "f", "2 of 2").await;
    // A new ReplicaSet, and Pods that come before it is known maybe.
    place.patch::<Fleet>("f", json!({ "spec": { "note": "two" } })).await;
    eventually("all Pods are new", async || {
        let pods = ours().await;
        let image = |pod: &Pod| pod.spec.as_ref().unwrap().containers[0].image.clone();
        pods.len() == 2 && pods.iter().all(|pod| image(pod).as_deref() == Some("two") && is_ready(pod))
    })
    .await;
    says(&place, "f", "2 of 2").await;
    place.patch::<Fleet>("f", json!({ "spec": { "replicas": 0 } })).await;
    says(&place, "f", "0 of 0").await;
    assert_eq!(operating.costs().reads, 0, "{:?}", operating.requests());
    assert!(journal.lines().iter().all(|line| line.starts_with("f:")), "{:?}", journal.lines());
}

/// A Deployment that is given to a primary brings along what has been below it for long: only stubs of it were kept.
#[tokio::test]
async fn what_hangs_below_comes_along_when_its_parent_changes_hands() {
    let place = place("adopted").await;
    let journal = Journal::default();
    place.create(deployment("f", 2, "one")).await;
    eventually("its Pods are ready", async || {
        let list = ListParams::default().labels("app=f");
        let pods = place.api::<Pod>().list(&list).await.unwrap().items;
        pods.len() == 2 && pods.iter().all(is_ready)
    })
    .await;
    let operator = Deep::by(&journal, |_, _, cx| async move {
        let seen = cx.snapshot();
        let ready = seen.pods.iter().filter(|pod| is_ready(pod)).count();
        let status = format!("{ready} of {} in {}", seen.pods.len(), seen.replica_sets.len());
        cx.apply_status(tests::fleet::FleetStatus { seen: status }).await?;
        Ok(Action::await_change())
    });
    let owner = place.create(fleet("f", 2, "one")).await;
    let second = place.create(fleet("g", 2, "one")).await;
    let operating = place.operate(|manager| manager.with(operator.namespace(&place.namespace)));
    says(&place, "f", "0 of 0 in 0").await;
    let give = async |owner: &Fleet| {
        let reference = kube::Resource::controller_owner_ref(owner, &()).unwrap();
        place.patch::<Deployment>("f", json!({ "metadata": { "ownerReferences": [reference] } })).await;
    };
    give(&owner).await;
    says(&place, "f", "2 of 2 in 1").await;
    // Only what had become ours was read: one ReplicaSet and two Pods.
    let reads: BTreeMap<String, usize> = operating.requests().iter().filter(|request| request.verb == "get").fold(
        BTreeMap::new(),
        |mut reads, request| {
            *reads.entry(request.resource.clone()).or_default() += 1;
            reads
        },
    );
    assert_eq!(reads, [("pods".to_owned(), 2), ("replicasets".to_owned(), 1)].into());
    give(&second).await;
    says(&place, "g", "2 of 2 in 1").await;
    says(&place, "f", "0 of 0 in 0").await;
    assert!(place.api::<ReplicaSet>().list(&ListParams::default()).await.unwrap().items.len() == 1);
    assert_eq!(operating.costs().reads, 3, "nothing is read twice");
}
