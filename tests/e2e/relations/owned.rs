//! `owned = any`: any owner reference relates.

use k8s_openapi::api::core::v1::ConfigMap;
use kube::core::ObjectMeta;
use kube::{Resource, ResourceExt};
use steersman::Action;
use tests::fleet::{Fleet, FleetSpec, Shared};
use tests::{Journal, config_map};

use super::names;
use crate::place;

#[tokio::test]
async fn an_object_of_two_owners_is_both_of_theirs() {
    let place = place("any").await;
    let (journal, seen) = (Journal::default(), Journal::default());
    let notes = seen.clone();
    let operator = Shared::by(&journal, move |fleet, seen, cx| {
        notes.note(format!("{} sees {}", fleet.name_any(), names(&seen.config_maps)).trim_end());
        async move {
            if fleet.spec.note == "write" {
                cx.config_maps().apply(config_map("plain", "x")).await?;
            }
            Ok(Action::await_change())
        }
    });
    let f = place.create(Fleet::new("f", FleetSpec::default())).await;
    let g = place.create(Fleet::new("g", FleetSpec::default())).await;
    let plain = |fleet: &Fleet| fleet.owner_ref(&()).unwrap();
    let metadata = ObjectMeta {
        name: Some("both".into()),
        owner_references: Some(vec![plain(&f), g.controller_owner_ref(&()).unwrap()]),
        ..ObjectMeta::default()
    };
    place.create(ConfigMap { metadata, ..ConfigMap::default() }).await;
    let operating = place.operate(|manager| manager.with(operator.namespace(&place.namespace)));
    for name in ["f", "g"] {
        seen.reaches(&format!("{name} sees both"), 1).await;
    }
    place.patch::<ConfigMap>("both", serde_json::json!({ "data": { "text": "1" } })).await;
    for name in ["f", "g"] {
        journal.reaches(&format!("{name}: config_maps"), 1).await;
    }
    let references = serde_json::json!({ "metadata": { "ownerReferences": [plain(&f)] } });
    place.patch::<ConfigMap>("both", references).await;
    journal.reaches("g: config_maps", 2).await;
    // What it writes itself names the primary without controlling.
    super::note(&place, "f", "write").await;
    let written = place.there::<ConfigMap>("plain").await;
    let owner = &written.owner_references()[0];
    assert_eq!((owner.uid.as_str(), owner.controller), (f.uid().unwrap().as_str(), None));
    assert_eq!(operating.costs().reads, 0);
}
