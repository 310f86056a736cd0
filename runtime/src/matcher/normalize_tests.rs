use k8s_openapi::api::core::v1::{PersistentVolumeClaim, Secret, Service};
use k8s_openapi::api::networking::v1::NetworkPolicy;
use k8s_openapi::api::policy::v1::PodDisruptionBudget;
use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition;
use serde_json::json;

use super::*;
use crate::kind::Kind;

fn normal<K: Kind>(mut body: Value) -> Value {
    normalize(&K::info(), &mut body);
    body
}

#[test]
fn empty_lists_and_maps_go_and_empty_structs_stay() {
    let policy = json!({ "metadata": { "labels": {}, "annotations": { "a": "" } }, "spec": {
        "podSelector": {}, "egress": [], "ingress": [{ "from": [], "ports": null }, { "from": [{ "namespaceSelector": { "matchLabels": {} } }] }],
    } });
    let expected = json!({ "metadata": { "annotations": { "a": "" } }, "spec": {
        "podSelector": {}, "ingress": [{}, { "from": [{ "namespaceSelector": {} }] }],
    } });
    assert_eq!(normal::<NetworkPolicy>(policy), expected);
    let budget = json!({ "spec": { "selector": {}, "minAvailable": 0 } });
    assert_eq!(normal::<PodDisruptionBudget>(budget.clone()), budget);
    let service = json!({ "spec": { "selector": {}, "ports": [] } });
    assert_eq!(normal::<Service>(service), json!({ "spec": {} }));
    let claim = json!({ "spec": { "selector": {}, "resources": { "limits": {}, "requests": {} } } });
    assert_eq!(normal::<PersistentVolumeClaim>(claim), json!({ "spec": { "selector": {}, "resources": {} } }));
}

#[test]
fn of_custom_resources_only_nulls_and_what_is_empty_in_the_metadata_goes() {
    let definition = json!({ "metadata": { "labels": {}, "finalizers": [] }, "spec": {
        "versions": [{ "schema": { "openAPIV3Schema": { "default": [], "properties": { "labels": {} }, "title": null } } }],
    } });
    let expected = json!({ "metadata": {}, "spec": {
        "versions": [{ "schema": { "openAPIV3Schema": { "default": [], "properties": { "labels": {} } } } }],
    } });
    assert_eq!(normal::<CustomResourceDefinition>(definition), expected);
    let nulls = json!({ "metadata": {}, "spec": { "list": [null, { "a": null }] } });
    let expected = json!({ "metadata": {}, "spec": { "list": [null, {}] } });
    assert_eq!(normal::<CustomResourceDefinition>(nulls), expected, "an item that is null has a place");
}

#[test]
fn string_data_becomes_data_and_wins() {
    let secret = json!({ "data": { "old": "b2xk", "both": "b2xk" }, "stringData": { "both": "new", "text": "ä" } });
    let expected = json!({ "data": { "old": "b2xk", "both": "bmV3", "text": "w6Q=" } });
    assert_eq!(normal::<Secret>(secret), expected);
    assert_eq!(normal::<Secret>(json!({ "stringData": { "a": "" } })), json!({ "data": { "a": "" } }));
    assert_eq!(normal::<Secret>(json!({ "stringData": {}, "data": null })), json!({}));
}
