use k8s_openapi::apimachinery::pkg::apis::meta::v1::{Condition, Time};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::Readiness::{Completed, Failed, Progressing, Ready, Suspended};
use super::*;

/// An object of generation 3 with these fields of its spec and this status.
fn object<K: DeserializeOwned>(spec: Value, status: Value) -> K {
    let template = json!({ "metadata": {}, "spec": { "containers": [] } });
    let mut object = json!({
        "metadata": { "name": "web", "generation": 3 },
        "spec": { "selector": {}, "serviceName": "web", "template": template },
        "status": status,
    });
    object["spec"].as_object_mut().unwrap().extend(spec.as_object().unwrap().clone());
    serde_json::from_value(object).unwrap()
}

/// This status with that much changed.
fn with(status: &Value, change: Value) -> Value {
    let mut status = status.clone();
    status.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
    status
}

fn condition_of(type_: &str, status: &str, reason: &str) -> Value {
    json!({ "conditions": [{ "type": "Other", "status": "True" }, { "type": type_, "status": status, "reason": reason }] })
}

#[test]
fn a_deployment_is_ready_when_it_is_rolled_out() {
    let spec = || json!({ "replicas": 3 });
    let of = |status: &Value| deployment(&object(spec(), status.clone()));
    let done = json!({
        "observedGeneration": 3, "replicas": 3, "updatedReplicas": 3, "readyReplicas": 3, "availableReplicas": 3,
        "conditions": [{ "type": "Progressing", "status": "True", "reason": "NewReplicaSetAvailable" }],
    });
    assert_eq!(of(&done), Ready);
    for unready in [
        json!({ "observedGeneration": 2 }),
        json!({ "observedGeneration": null }),
        json!({ "updatedReplicas": 2 }),
        json!({ "updatedReplicas": null }),
        json!({ "availableReplicas": 2 }),
        json!({ "replicas": 4 }),
        json!({ "replicas": 5, "updatedReplicas": 5, "availableReplicas": 5 }),
        json!({ "replicas": 2, "updatedReplicas": 2, "availableReplicas": 2 }),
    ] {
        assert_eq!(of(&with(&done, unready.clone())), Progressing, "{unready}");
    }
    assert_eq!(of(&with(&done, json!({ "readyReplicas": 4, "terminatingReplicas": 1 }))), Ready);
    assert_eq!(of(&json!({})), Progressing);
    assert_eq!(deployment(&object(spec(), Value::Null)), Progressing);
}

#[test]
fn a_deployment_has_failed_when_its_deadline_is_past() {
    let of = |status: Value| deployment(&object(json!({ "replicas": 1 }), status));
    let late = condition_of("Progressing", "False", "ProgressDeadlineExceeded");
    assert_eq!(of(with(&late, json!({ "observedGeneration": 3, "updatedReplicas": 1, "replicas": 2 }))), Failed);
    // It was about an older generation, or is not true any more.
    assert_eq!(of(with(&late, json!({ "observedGeneration": 2, "updatedReplicas": 1, "replicas": 2 }))), Progressing);
    let done = json!({ "observedGeneration": 3, "updatedReplicas": 1, "replicas": 1, "availableReplicas": 1 });
    assert_eq!(of(with(&late, done)), Ready);
}

#[test]
fn replicas_default_to_one_and_may_be_none() {
    let one = json!({ "observedGeneration": 3, "replicas": 1, "updatedReplicas": 1, "availableReplicas": 1 });
    let none = json!({ "observedGeneration": 3, "replicas": 0 });
    assert_eq!(deployment(&object(json!({}), one.clone())), Ready);
    assert_eq!(deployment(&object(json!({}), none.clone())), Progressing);
    assert_eq!(deployment(&object(json!({ "replicas": 0 }), none.clone())), Ready);
    assert_eq!(stateful_set(&object(json!({}), one.clone())), Ready);
    assert_eq!(stateful_set(&object(json!({ "replicas": 0 }), none.clone())), Ready);
    assert_eq!(replica_set(&object(json!({}), one)), Ready);
    assert_eq!(replica_set(&object(json!({ "replicas": 0 }), none)), Ready);
}

#[test]
fn a_replica_set_is_ready_with_all_that_it_is_to_have_in_the_end() {
    let of = |wanted: &str, now: i32, status: Value| {
        let mut set: k8s_openapi::api::apps::v1::ReplicaSet = object(json!({ "replicas": now }), status);
        let wanted = ("deployment.kubernetes.io/desired-replicas".to_owned(), wanted.to_owned());
        set.metadata.annotations = Some([wanted].into());
        replica_set(&set)
    };
    let status = |observed: i64, all: i32, available: i32| json!({ "observedGeneration": observed, "replicas": all, "availableReplicas": available });
    assert_eq!(of("3", 3, status(3, 3, 3)), Ready);
    assert_eq!(of("3", 1, status(3, 1, 1)), Progressing);
    assert_eq!(of("3", 3, status(3, 3, 2)), Progressing);
    // Going down: what is there too much is no matter.
    assert_eq!(of("3", 2, status(2, 3, 3)), Ready);
    assert_eq!(of("3", 2, status(3, 2, 2)), Progressing);
    assert_eq!(of("3", 0, status(2, 1, 1)), Progressing);
    assert_eq!(of("3", 0, status(2, 0, 0)), Progressing);
    assert_eq!(of("3", 0, status(3, 0, 0)), Ready);
    // No Deployment, or none that says it.
    assert_eq!(of("many", 2, status(3, 2, 2)), Ready);
    assert_eq!(replica_set(&object(json!({ "replicas": 2 }), status(3, 2, 1))), Progressing);
    assert_eq!(replica_set(&object(json!({ "replicas": 2 }), Value::Null)), Progressing);
}

#[test]
fn a_stateful_set_is_ready_when_all_replicas_are_of_the_present_revision() {
    let of = |strategy: Value, status: &Value| {
        stateful_set(&object(json!({ "replicas": 3, "updateStrategy": strategy }), status.clone()))
    };
    let rolling = || json!({ "type": "RollingUpdate", "rollingUpdate": { "partition": 0 } });
    let done = json!({
        "observedGeneration": 3, "replicas": 3, "readyReplicas": 3, "availableReplicas": 3, "updatedReplicas": 3,
        "currentReplicas": 3, "currentRevision": "web-1", "updateRevision": "web-1",
    });
    assert_eq!(of(rolling(), &done), Ready);
    assert_eq!(of(Value::Null, &done), Ready);
    for unready in [
        json!({ "observedGeneration": 2 }),
        json!({ "availableReplicas": 2 }),
        json!({ "replicas": 4 }),
        json!({ "updateRevision": "web-2", "updatedReplicas": 2 }),
        json!({ "updateRevision": "web-2", "updatedReplicas": null }),
    ] {
        assert_eq!(of(rolling(), &with(&done, unready.clone())), Progressing, "{unready}");
    }

    let partly = with(&done, json!({ "updateRevision": "web-2", "updatedReplicas": 1 }));
    let from = |partition: i32| json!({ "type": "RollingUpdate", "rollingUpdate": { "partition": partition } });
    assert_eq!(of(from(2), &partly), Ready);
    assert_eq!(of(from(1), &partly), Progressing);
    assert_eq!(of(from(9), &partly), Ready);
    assert_eq!(of(json!({ "type": "OnDelete" }), &partly), Ready);
    assert_eq!(of(json!({ "type": "OnDelete" }), &with(&partly, json!({ "availableReplicas": 2 }))), Progressing);
}

#[test]
fn a_daemon_set_is_ready_when_it_is_on_every_node() {
    let of = |strategy: &str, status: &Value| {
        daemon_set(&object(json!({ "updateStrategy": { "type": strategy } }), status.clone()))
    };
    let done = json!({
        "observedGeneration": 3, "desiredNumberScheduled": 2, "currentNumberScheduled": 2, "numberMisscheduled": 0,
        "numberReady": 2, "numberAvailable": 2, "updatedNumberScheduled": 2,
    });
    assert_eq!(of("RollingUpdate", &done), Ready);
    assert_eq!(of("RollingUpdate", &with(&done, json!({ "observedGeneration": 2 }))), Progressing);
    assert_eq!(of("RollingUpdate", &with(&done, json!({ "numberAvailable": 1 }))), Progressing);
    assert_eq!(of("RollingUpdate", &with(&done, json!({ "updatedNumberScheduled": 1 }))), Progressing);
    assert_eq!(of("RollingUpdate", &with(&done, json!({ "desiredNumberScheduled": 3 }))), Progressing);
    assert_eq!(of("OnDelete", &with(&done, json!({ "updatedNumberScheduled": 1 }))), Ready);
    let nowhere = json!({
        "observedGeneration": 3, "desiredNumberScheduled": 0, "currentNumberScheduled": 0, "numberMisscheduled": 0,
        "numberReady": 0,
    });
    assert_eq!(of("RollingUpdate", &nowhere), Ready);
    assert_eq!(daemon_set(&object(json!({}), Value::Null)), Progressing);
}

#[test]
fn a_job_is_what_its_conditions_say() {
    let of = |suspend: bool, status: Value| job(&object(json!({ "suspend": suspend }), status));
    assert_eq!(of(false, Value::Null), Progressing);
    assert_eq!(of(false, json!({ "active": 1, "ready": 1 })), Progressing);
    assert_eq!(of(false, condition_of("SuccessCriteriaMet", "True", "")), Progressing);
    assert_eq!(of(false, condition_of("Complete", "False", "")), Progressing);
    assert_eq!(of(false, condition_of("Complete", "True", "")), Completed);
    assert_eq!(of(false, condition_of("FailureTarget", "True", "")), Progressing);
    assert_eq!(of(false, condition_of("Failed", "True", "BackoffLimitExceeded")), Failed);
    assert_eq!(of(true, Value::Null), Suspended);
    assert_eq!(of(true, condition_of("Complete", "True", "")), Completed);
    assert_eq!(of(false, condition_of("Suspended", "True", "JobSuspended")), Progressing);
}

#[test]
fn a_pod_is_ready_when_it_serves() {
    let of = |status: Value| pod(&object(json!({ "containers": [] }), status));
    assert_eq!(of(Value::Null), Progressing);
    assert_eq!(of(json!({ "phase": "Pending" })), Progressing);
    let phase = |phase: &str, ready: &str| with(&condition_of("Ready", ready, ""), json!({ "phase": phase }));
    assert_eq!(of(phase("Running", "False")), Progressing);
    assert_eq!(of(phase("Running", "True")), Ready);
    assert_eq!(of(phase("Succeeded", "False")), Completed);
    assert_eq!(of(phase("Failed", "False")), Failed);

    let mut going = object(json!({ "containers": [] }), phase("Running", "True"));
    let pod: fn(&k8s_openapi::api::core::v1::Pod) -> Readiness = pod;
    assert_eq!(pod(&going), Ready);
    going.metadata.deletion_timestamp = Some(Time("2026-01-01T00:00:00Z".parse().unwrap()));
    assert_eq!(pod(&going), Progressing);
    going.status =
        object::<k8s_openapi::api::core::v1::Pod>(json!({ "containers": [] }), phase("Failed", "False")).status;
    assert_eq!(pod(&going), Progressing);
}

#[test]
fn a_condition_of_an_older_generation_says_nothing() {
    let of = |type_: &str, status: &str, observed| Condition {
        type_: type_.into(),
        status: status.into(),
        observed_generation: observed,
        reason: "Because".into(),
        message: String::new(),
        last_transition_time: Time("2026-01-01T00:00:00Z".parse().unwrap()),
    };
    let all = [
        of("Ready", "True", Some(2)),
        of("Degraded", "False", None),
        of("Audited", "Unknown", Some(2)),
        of("Odd", "true", None),
    ];
    assert_eq!(condition("Ready", &all, Some(2)), Some(true));
    assert_eq!(condition("Ready", &all, Some(1)), Some(true));
    assert_eq!(condition("Ready", &all, Some(3)), None);
    assert_eq!(condition("Ready", &all, None), Some(true));
    assert_eq!(condition("Degraded", &all, Some(3)), Some(false));
    assert_eq!(condition("Audited", &all, Some(2)), None);
    assert_eq!(condition("Odd", &all, None), None);
    assert_eq!(condition("Missing", &all, None), None);
}
