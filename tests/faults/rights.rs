//! An API server that enforces who may name an owner, as OpenShift does.

use k8s_openapi::api::rbac::v1::Role;
use serde_json::{Value, json};
use tests::Journal;
use tests::kinds::Shelf;

use crate::{says, turn_with_enforced_owners};

#[tokio::test]
async fn the_right_to_name_an_owner_is_named() {
    let turn = turn_with_enforced_owners("owners").await;
    let place = &turn.place;
    place.allow("all", &["configmaps"]).await;
    let rules = place.get::<Role>("all").await.unwrap().rules.unwrap();
    let allow = async |more: Value| {
        let mut rules = serde_json::to_value(&rules).unwrap();
        rules.as_array_mut().unwrap().push(more);
        place.patch::<Role>("all", json!({ "rules": rules })).await;
    };
    let journal = Journal::default();
    let operator = Shelf::stocker(&journal).namespace(&place.namespace);
    let operating = place.operate_as_operator(|manager| manager.with(operator));
    place.started(1).await;
    place.create(Shelf::of("a", &["x"])).await;
    let said = place.log.says(&["WARN", "the run failed"]).await;
    let names = format!("apply of ConfigMap {}/x is forbidden: ", place.namespace);
    assert!(said.contains(&names) && said.contains("cannot set blockOwnerDeletion"), "{said}");
    assert!(said.contains("allow the operator `update on shelves/finalizers.test.steersman.dev`"), "{said}");
    let group = ["test.steersman.dev"];
    allow(json!({ "apiGroups": group, "resources": ["shelves/finalizers"], "verbs": ["update"] })).await;
    says(place, "x", "x").await;
    assert_eq!(operating.costs().reads, 0);
}
