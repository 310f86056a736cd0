// `changed(..)` is called as generated code calls it, whatever the type of what is taken.
#![allow(clippy::needless_borrow, reason = "generated code borrows whatever the type")]

use super::*;
use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::{ConfigMap, Pod, Secret};
use kube::core::PartialObjectMeta;
use serde::{Serialize, Serializer};
use serde_json::{Value, json};

use crate::refer::{Taken, take};

fn fingerprint<K: Kind>(projection: &Projection, object: &Value) -> Result<u128, serde_json::Error> {
    let json = object.to_string();
    let meta = RawMeta::parse(&json, &[]).unwrap();
    projection.fingerprint(&meta, &json, (K::info().decode)(&json).unwrap().as_ref())
}

/// Every word, by its name.
fn words() -> [Projection; 10] {
    [
        Projection::content(),
        Projection::spec(),
        Projection::status(),
        Projection::data(),
        Projection::generation(),
        Projection::resource_version(),
        Projection::labels(),
        Projection::annotations(),
        Projection::finalizers(),
        Projection::owner_references(),
    ]
}

/// Which of the words see that `object` gets this `value` at `path`, before and after something else has changed.
fn seen<K: Kind>(object: &Value, path: &str, value: Value) -> Vec<String> {
    let mut changed = object.clone();
    *place(&mut changed, path) = value;
    let words = words().into_iter();
    let seen =
        words.filter(|word| fingerprint::<K>(word, object).unwrap() != fingerprint::<K>(word, &changed).unwrap());
    seen.map(|word| format!("{word:?}")).collect()
}

/// The place of a path with points, made where there is none.
fn place<'a>(object: &'a mut Value, path: &str) -> &'a mut Value {
    path.split('.').fold(object, |value, name| &mut value[name])
}

fn metadata() -> Value {
    json!({
        "name": "web", "namespace": "shop", "uid": "0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9", "resourceVersion": "1",
        "generation": 1, "creationTimestamp": "2026-01-01T00:00:00Z", "labels": { "a": "x" }, "annotations": { "a": "x" },
        "finalizers": ["a/x"], "managedFields": [{ "manager": "x" }],
        "ownerReferences": [{ "apiVersion": "v1", "kind": "ConfigMap", "name": "x", "uid": "x" }],
    })
}

fn deployment() -> Value {
    let spec = json!({ "replicas": 2, "selector": {}, "template": {} });
    json!({ "metadata": metadata(), "spec": spec, "status": { "readyReplicas": 0 } })
}

#[test]
fn each_word_sees_its_own_part_alone() {
    let deployment = deployment();
    let seen = |path, value| seen::<Deployment>(&deployment, path, value);
    assert_eq!(seen("metadata.name", json!("web")), [""; 0]);
    assert_eq!(seen("metadata.managedFields", json!([])), [""; 0]);
    assert_eq!(seen("metadata.resourceVersion", json!("2")), ["resource_version_changed"]);
    assert_eq!(seen("metadata.generation", json!(2)), ["generation_changed"]);
    assert_eq!(seen("metadata.labels.a", json!("y")), ["content", "labels_changed"]);
    assert_eq!(seen("metadata.annotations.b", json!("x")), ["content", "annotations_changed"]);
    assert_eq!(seen("metadata.finalizers", json!(["a/x", "a/y"])), ["content", "finalizers_changed"]);
    assert_eq!(seen("metadata.ownerReferences", json!([])), ["content", "owner_references_changed"]);
    assert_eq!(seen("spec.replicas", json!(3)), ["content", "spec_changed"]);
    assert_eq!(seen("status.readyReplicas", json!(1)), ["status_changed"]);
    assert_eq!(seen("status", json!({})), ["status_changed"]);
}

#[test]
fn data_is_what_config_maps_and_secrets_hold() {
    let map = json!({ "metadata": metadata(), "data": { "a": "x" } });
    let in_map = |path, value| seen::<ConfigMap>(&map, path, value);
    assert_eq!(in_map("data.a", json!("y")), ["content", "data_changed"]);
    assert_eq!(in_map("data.b", json!("x")), ["content", "data_changed"]);
    assert_eq!(in_map("binaryData.a", json!("eA==")), ["content", "data_changed"]);
    assert_eq!(in_map("immutable", json!(true)), ["content"]);
    assert_eq!(in_map("metadata.labels.a", json!("y")), ["content", "labels_changed"]);

    let moved = |from: &str, to: &str| json!({ "metadata": metadata(), from: { "a": "eA==" }, to: {} });
    let data = |object| fingerprint::<ConfigMap>(&Projection::data(), &object).unwrap();
    assert_ne!(data(moved("data", "binaryData")), data(moved("binaryData", "data")));

    let secret = json!({ "metadata": metadata(), "data": { "a": "eA==" }, "type": "Opaque" });
    assert_eq!(seen::<Secret>(&secret, "data.a", json!("eQ==")), ["content", "data_changed"]);
    assert_eq!(seen::<Secret>(&secret, "type", json!("other")), ["content"]);
}

#[test]
fn of_metadata_alone_every_word_sees_what_there_is() {
    let object = json!({ "kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1", "metadata": metadata() });
    let seen = |path, value| seen::<PartialObjectMeta<Pod>>(&object, path, value);
    assert_eq!(seen("metadata.resourceVersion", json!("2")), ["resource_version_changed"]);
    assert_eq!(seen("metadata.generation", json!(2)), ["generation_changed"]);
    assert_eq!(seen("metadata.labels.a", json!("y")), ["content", "labels_changed"]);
    assert_eq!(seen("metadata.annotations.a", json!("y")), ["content", "annotations_changed"]);
    assert_eq!(seen("metadata.finalizers", json!([])), ["content", "finalizers_changed"]);
    assert_eq!(seen("metadata.ownerReferences", json!([])), ["content", "owner_references_changed"]);
    assert_eq!(seen("kind", json!("Pod")), [""; 0]);

    let name = Projection::changed::<PartialObjectMeta<Pod>>(|object, hasher| {
        (&&&Taken(take(object, |pod| &pod.metadata.labels))).project(hasher);
    });
    let mut other = object.clone();
    *place(&mut other, "metadata.labels.a") = json!("y");
    let fingerprint = |object| fingerprint::<PartialObjectMeta<Pod>>(&name, object).unwrap();
    assert_ne!(fingerprint(&object), fingerprint(&other));
}

#[test]
fn a_deletion_that_begins_and_another_incarnation_are_seen_by_every_word() {
    let uid = json!("1a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9");
    for (path, value) in [("metadata.deletionTimestamp", json!("2026-01-01T00:00:00Z")), ("metadata.uid", uid)] {
        assert_eq!(seen::<Deployment>(&deployment(), path, value.clone()).len(), words().len());
        let alone = json!({ "metadata": metadata() });
        assert_eq!(seen::<PartialObjectMeta<Pod>>(&alone, path, value.clone()).len(), words().len());
        let map = json!({ "metadata": metadata(), "data": {} });
        assert_eq!(seen::<ConfigMap>(&map, path, value).len(), words().len());
    }
}

#[test]
fn any_sees_what_one_of_its_parts_sees() {
    let ready = Projection::changed::<Deployment>(|object, hasher| {
        (&&&Taken(take(object, |d| d.status.as_ref().map(|s| s.ready_replicas)))).project(hasher);
    });
    let any = Projection::any([Projection::spec(), ready]);
    assert_eq!(format!("{any:?}"), "any(spec_changed, changed(..))");
    let base = fingerprint::<Deployment>(&any, &deployment()).unwrap();
    for (path, value, is_seen) in [
        ("spec.replicas", json!(3), true),
        ("status.readyReplicas", json!(1), true),
        ("status.replicas", json!(1), false),
        ("metadata.labels.a", json!("y"), false),
        ("metadata.deletionTimestamp", json!("2026-01-01T00:00:00Z"), true),
    ] {
        let mut changed = deployment();
        *place(&mut changed, path) = value;
        assert_eq!(fingerprint::<Deployment>(&any, &changed).unwrap() != base, is_seen, "{path}");
    }
}

#[test]
fn content_does_not_depend_on_the_order_of_fields() {
    let a = r#"{"metadata":{"name":"a","labels":{"x":"y"}},"data":{"k":"v"}}"#;
    let b = r#"{"kind":"ConfigMap","data":{"k":"v"},"metadata":{"labels":{"x":"y"},"name":"a"}}"#;
    assert_eq!(content(a).unwrap(), content(b).unwrap());
}

/// Part of an object that has no `Hash`.
#[test]
fn changed_takes_what_can_only_be_serialized() {
    let spec = Projection::changed::<Deployment>(|object, hasher| {
        (&&&Taken(take(object, |d| &d.spec))).project(hasher);
    });
    let base = fingerprint::<Deployment>(&spec, &deployment()).unwrap();
    let with = |path, value| {
        let mut changed = deployment();
        *place(&mut changed, path) = value;
        fingerprint::<Deployment>(&spec, &changed).unwrap()
    };
    assert_eq!(with("status.readyReplicas", json!(1)), base);
    assert_ne!(with("spec.replicas", json!(3)), base);
    assert_ne!(with("spec.template.metadata.labels.a", json!("b")), base);
}

/// Equal and hashed by the first part alone, serialized by the second.
struct Both(u8, u8);

impl Hash for Both {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.0.hash(state);
    }
}

impl Serialize for Both {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u8(self.1)
    }
}

#[test]
fn hash_is_preferred_to_serialize() {
    let print = |value: Both| {
        let mut hasher = ProjectionHasher::new();
        (&&&Taken(value)).project(&mut hasher);
        hasher.finish128()
    };
    assert_eq!(print(Both(1, 1)), print(Both(1, 2)));
    assert_ne!(print(Both(1, 1)), print(Both(2, 1)));
}

struct Unwilling;

impl Serialize for Unwilling {
    fn serialize<S: Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
        Err(serde::ser::Error::custom("not today"))
    }
}

#[test]
fn what_cannot_be_serialized_is_an_error_of_the_object() {
    let unwilling = Projection::changed::<Deployment>(|object, hasher| {
        (&&&Taken(take(object, |_| ("before", Unwilling)))).project(hasher);
    });
    let any = Projection::any([unwilling, Projection::spec()]);
    let error = fingerprint::<Deployment>(&any, &deployment()).unwrap_err().to_string();
    assert_eq!(error, "what `changed(..)` takes out of it cannot be serialized: not today");
}
