//! The events of one Deployment with three replicas, its ReplicaSets and its Pods, in the order in which an API server sends them:
//! how many of them change what is ready.

use k8s_openapi::api::apps::v1::{Deployment, ReplicaSet};
use k8s_openapi::api::core::v1::Pod;
use serde_json::{Value, json};

use super::*;

/// What an operator knows that follows all three, and how often it learned something.
#[derive(Debug, Default)]
struct Follower {
    seen: std::collections::BTreeMap<String, (bool, Readiness)>,
    events: usize,
    /// The events after which something was new.
    news: Vec<String>,
}

impl Follower {
    fn sees(&mut self, name: &str, deleting: bool, readiness: Readiness) {
        self.events += 1;
        if self.seen.insert(name.to_owned(), (deleting, readiness)) != Some((deleting, readiness)) {
            self.news.push(format!("{name} {readiness:?}"));
        }
    }

    /// `replicas`: all, updated, available.
    fn deployment(&mut self, generation: i64, observed: i64, [all, updated, available]: [i32; 3]) {
        let object: Deployment = made(
            json!({ "name": "web", "generation": generation }),
            json!({ "replicas": 3 }),
            json!({
                "observedGeneration": observed, "replicas": all, "updatedReplicas": updated,
                "availableReplicas": available, "readyReplicas": available,
            }),
        );
        self.sees("web", false, deployment(&object));
    }

    fn replica_set(&mut self, name: &str, generation: i64, wanted: i32, observed: i64, [all, available]: [i32; 2]) {
        let annotations = json!({ "deployment.kubernetes.io/desired-replicas": "3" });
        let object: ReplicaSet = made(
            json!({ "name": name, "generation": generation, "annotations": annotations }),
            json!({ "replicas": wanted }),
            json!({ "observedGeneration": observed, "replicas": all, "availableReplicas": available }),
        );
        self.sees(name, false, replica_set(&object));
    }

    fn pod(&mut self, name: &str, node: bool, ready: bool, deleting: bool) {
        let mut metadata = json!({ "name": name, "generation": 1 });
        if deleting {
            metadata["deletionTimestamp"] = json!("2026-01-01T00:00:00Z");
        }
        let spec = if node { json!({ "nodeName": "node", "containers": [] }) } else { json!({ "containers": [] }) };
        let conditions = json!([{ "type": "Ready", "status": if ready { "True" } else { "False" } }]);
        let object: Pod = made(metadata, spec, json!({ "phase": "Running", "conditions": conditions }));
        self.sees(name, deleting, pod(&object));
    }

    fn gone(&mut self, name: &str) {
        self.events += 1;
        self.seen.remove(name);
        self.news.push(format!("{name} gone"));
    }

    /// What was news since the last time.
    fn news(&mut self) -> Vec<String> {
        std::mem::take(&mut self.news)
    }
}

fn made<K: serde::de::DeserializeOwned>(metadata: Value, mut spec: Value, status: Value) -> K {
    if spec.get("replicas").is_some() {
        spec["selector"] = json!({});
        spec["template"] = json!({});
    }
    serde_json::from_value(json!({ "metadata": metadata, "spec": spec, "status": status })).unwrap()
}

/// From nothing to three available replicas.
fn created(seen: &mut Follower) {
    seen.deployment(1, 0, [0, 0, 0]);
    seen.replica_set("old", 1, 3, 0, [0, 0]);
    seen.deployment(1, 0, [0, 0, 0]);
    for pod in ["a", "b", "c"] {
        seen.pod(pod, false, false, false);
        seen.pod(pod, true, false, false);
    }
    seen.replica_set("old", 1, 3, 1, [0, 0]);
    seen.replica_set("old", 1, 3, 1, [3, 0]);
    seen.deployment(1, 1, [3, 3, 0]);
    for (ready, pod) in (1..).zip(["a", "b", "c"]) {
        seen.pod(pod, true, true, false);
        if ready > 1 {
            seen.replica_set("old", 1, 3, 1, [3, ready]);
        }
        seen.deployment(1, 1, [3, 3, ready]);
    }
}

#[test]
fn a_creation_has_two_steps() {
    let mut seen = Follower::default();
    created(&mut seen);
    assert_eq!(seen.events, 20);
    // What is created, and then that it is ready. Nothing in between.
    let news = seen.news();
    assert_eq!(
        news,
        [
            "web Progressing",
            "old Progressing",
            "a Progressing",
            "b Progressing",
            "c Progressing",
            "a Ready",
            "b Ready",
            "c Ready",
            "old Ready",
            "web Ready",
        ]
    );
}

#[test]
fn a_rolling_update_is_news_by_its_pods_alone() {
    let mut seen = Follower::default();
    created(&mut seen);
    seen.news();
    seen.events = 0;
    seen.deployment(2, 1, [3, 3, 3]);
    seen.replica_set("new", 1, 1, 0, [0, 0]);
    for (step, (old, new)) in (1..).zip([("a", "d"), ("b", "e"), ("c", "f")]) {
        let (left, before) = (3 - step, 4 - step);
        if step > 1 {
            seen.replica_set("new", i64::from(step), step, i64::from(step) - 1, [step - 1, step - 1]);
        }
        seen.deployment(2, 2, [3, step - 1, 3]);
        seen.pod(new, false, false, false);
        seen.pod(new, true, false, false);
        seen.replica_set("new", i64::from(step), step, i64::from(step), [step, step - 1]);
        seen.deployment(2, 2, [4, step, 3]);
        seen.pod(new, true, true, false);
        seen.replica_set("new", i64::from(step), step, i64::from(step), [step, step]);
        seen.deployment(2, 2, [4, step, 4]);
        seen.replica_set("old", i64::from(step) + 1, left, i64::from(step), [before, before]);
        seen.pod(old, true, true, true);
        seen.replica_set("old", i64::from(step) + 1, left, i64::from(step) + 1, [left, left]);
        seen.deployment(2, 2, [3, step, 3]);
        seen.pod(old, true, false, true);
        seen.gone(old);
    }
    assert!(seen.events > 40, "{}", seen.events);
    let (pods, others): (Vec<_>, Vec<_>) =
        seen.news().into_iter().partition(|news| news.len() < 14 && news.find(' ') == Some(1));
    // Each Pod: created, ready; deletion begins, gone.
    assert_eq!(pods.len(), 12, "{pods:?}");
    assert_eq!(
        others,
        ["web Progressing", "new Progressing", "old Progressing", "new Ready", "old Ready", "web Ready"]
    );
}
