//! Conditions of a status, with those of somebody else beside them.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::Condition;
use kube::ResourceExt;
use kube::api::{Patch, PatchParams};
use serde_json::json;
use steersman::{Action, Conditions};
use tests::kinds::{Beacon, BeaconSpec, BeaconStatus};
use tests::{Journal, found};

use crate::place;

fn conditions(beacon: &Beacon) -> &[Condition] {
    beacon.status.as_ref().map_or(&[], |status| &status.conditions)
}

#[tokio::test]
async fn a_condition_keeps_its_time_and_those_of_others_are_theirs() {
    let place = place("conditions").await;
    let operator = Beacon::by(&Journal::default(), |beacon, _, cx| async move {
        let mut conditions = Conditions::of(conditions(&beacon), beacon.metadata.generation);
        let reason = if beacon.spec.lit { "Burning" } else { "Dark" };
        conditions.set("Lit", beacon.spec.lit, reason, "");
        cx.apply_status(BeaconStatus { conditions: conditions.into_own() }).await?;
        Ok(Action::await_change())
    });
    let _operating = place.operate(|manager| manager.with(operator.namespace(&place.namespace)));
    let is = async |generation: i64, status: &str| {
        found(&format!("generation {generation} is {status}"), async || {
            let beacon = place.get::<Beacon>("a").await?;
            let lit = conditions(&beacon).iter().find(|condition| condition.type_ == "Lit")?;
            (lit.observed_generation == Some(generation) && lit.status == status).then_some(beacon)
        })
        .await
    };
    place.create(Beacon::new("a", BeaconSpec::default())).await;
    let dark = is(1, "False").await;
    let since = conditions(&dark)[0].last_transition_time.clone();

    let seen = json!({
        "type": "Seen", "status": "True", "reason": "ByShips", "message": "", "lastTransitionTime": "2026-01-01T00:00:00Z",
    });
    let body = json!({
        "apiVersion": "test.steersman.dev/v1", "kind": "Beacon", "status": { "conditions": [seen] },
    });
    let (beacons, theirs) = (place.api::<Beacon>(), PatchParams::apply("coast-guard"));
    beacons.patch_status("a", &theirs, &Patch::Apply(body)).await.expect("their condition is accepted");
    // Another generation, the same condition.
    place.patch::<Beacon>("a", json!({ "spec": { "note": "x" } })).await;
    let dark = is(2, "False").await;
    let both: Vec<_> = conditions(&dark).iter().map(|c| (c.type_.as_str(), &c.last_transition_time)).collect();
    assert_eq!(both[0], ("Lit", &since));
    assert_eq!(both[1].0, "Seen");
    let owner = |entry: &&k8s_openapi::apimachinery::pkg::apis::meta::v1::ManagedFieldsEntry| {
        serde_json::to_string(&entry.fields_v1).unwrap().contains("Seen")
    };
    let owners: Vec<_> = dark.managed_fields().iter().filter(owner).map(|entry| entry.manager.as_deref()).collect();
    assert_eq!(owners, [Some("coast-guard")]);

    place.patch::<Beacon>("a", json!({ "spec": { "lit": true } })).await;
    let lit = is(3, "True").await;
    assert!(conditions(&lit)[0].last_transition_time >= since);
    assert_eq!(conditions(&lit).len(), 2);
}
