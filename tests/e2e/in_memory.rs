//! The API server in memory, which users test with, beside the real one.

use std::sync::{Arc, Mutex};

use kube::api::{DynamicObject, Patch, PatchParams};
use kube::{Api, Client};
use serde_json::{Value, json};
use steersman::testing::{ApiServer, Cost, Simulation};
use tests::Journal;
use tests::kinds::Shelf;

use crate::manifests::{Case, cases};
use crate::place;
use crate::round_trip::{Applier, Everything, resource};

const MANAGER: &str = "twin";

#[tokio::test(start_paused = true)]
async fn what_is_applied_again_is_not_sent() {
    let wanted = Arc::new(Mutex::new(cases()));
    let operator = || Everything::operator(Applier { wanted: wanted.clone(), journal: Journal::default() });
    let sim = Simulation::start(operator()).await;
    sim.add(Shelf::of("a", &[]));
    sim.settle().await;
    sim.assert_runs("default/a", 1);
    sim.assert_requests(Cost { reads: 0, writes: cases().len() });
    let api = sim.api().clone();
    sim.stop().await;
    api.checkpoint();
    let sim = Simulation::on(&api, |manager| manager.with(operator())).await;
    sim.assert_runs("default/a", 1);
    sim.assert_requests(Cost::default());
}

/// What one API server makes of an apply: the entry of the manager.
async fn entry(client: Client, namespace: &str, case: &Case, manifest: &Value) -> Value {
    let resource = resource(case.kind);
    let mut manifest = manifest.clone();
    manifest["apiVersion"] = resource.api_version.clone().into();
    manifest["kind"] = resource.kind.clone().into();
    let api = Api::<DynamicObject>::namespaced_with(client, namespace, &resource);
    let params = PatchParams::apply(MANAGER).force();
    let applied = api.patch(case.name, &params, &Patch::Apply(&manifest)).await;
    let applied = applied.unwrap_or_else(|error| panic!("{} {}: {error}", case.kind, case.name));
    let entries = applied.metadata.managed_fields.unwrap_or_default();
    let entry = entries.into_iter().find(|entry| entry.manager.as_deref() == Some(MANAGER));
    entry.and_then(|entry| entry.fields_v1).map_or(json!(null), |fields| fields.0)
}

/// A label more is applied, and then no more. Of a custom resource, the API server in memory does not know the definition, by which
/// its lists are merged.
#[tokio::test]
async fn the_same_fields_are_managed() {
    let place = place("twins").await;
    let api = ApiServer::new();
    let mut differences = Vec::new();
    for case in cases().into_iter().filter(|case| case.kind != "Palette") {
        let mut without = case.manifest.clone();
        without["metadata"]["labels"] = json!({ "app": "web" });
        for manifest in [&case.manifest, &without] {
            let real = entry(place.client.clone(), &place.namespace, &case, manifest).await;
            let twin = entry(api.client(), &place.namespace, &case, manifest).await;
            if real != twin {
                differences.push(format!("{} {}\nreal   {real}\nmemory {twin}", case.kind, case.name));
            }
        }
    }
    assert!(differences.is_empty(), "{}", differences.join("\n\n"));
}
