//! Every relation: what wakes the primary, what its run sees, and what it may write.

mod annotation;
mod label;
mod map;
mod owned;
mod reference;
mod selector;
mod several;
mod through;

use k8s_openapi::api::core::v1::{ConfigMap, Secret};
use kube::core::ObjectMeta;
use kube::{Api, ResourceExt};
use serde_json::json;
use steersman::Secondaries;
use tests::fleet::{FLEET, Fleet};
use tests::{Place, config_map};

/// The names of these objects, in their order.
fn names<K: steersman::Kind + kube::Resource>(of: &Secondaries<K>) -> String {
    of.iter().map(|object| object.name_any()).collect::<Vec<_>>().join(" ")
}

/// A ConfigMap with this label.
fn labelled(name: &str, fleet: &str) -> ConfigMap {
    let mut map = config_map(name, name);
    map.metadata.labels = Some([(FLEET.to_owned(), fleet.to_owned())].into());
    map
}

/// A ConfigMap with this annotation.
fn annotated(name: &str, fleet: &str) -> ConfigMap {
    let mut map = config_map(name, name);
    map.metadata.annotations = Some([(FLEET.to_owned(), fleet.to_owned())].into());
    map
}

/// A Secret with one entry, `text`.
fn secret(name: &str, text: &str) -> Secret {
    Secret {
        metadata: ObjectMeta { name: Some(name.to_owned()), ..ObjectMeta::default() },
        string_data: Some([("text".to_owned(), text.to_owned())].into()),
        ..Secret::default()
    }
}

fn text_of(secret: Option<&Secret>) -> String {
    let data = secret.and_then(|secret| secret.data.as_ref()).and_then(|data| data.get("text"));
    data.map_or("-".to_owned(), |bytes| String::from_utf8_lossy(&bytes.0).into_owned())
}

async fn rewrite(place: &Place, name: &str, text: &str) {
    place.patch::<Secret>(name, json!({ "stringData": { "text": text } })).await;
}

async fn note(place: &Place, fleet: &str, text: &str) {
    place.patch::<Fleet>(fleet, json!({ "spec": { "note": text } })).await;
}

fn maps_in(place: &Place, namespace: &str) -> Api<ConfigMap> {
    Api::namespaced(place.client.clone(), namespace)
}
