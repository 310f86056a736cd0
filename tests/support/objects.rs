//! Small objects.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::ConfigMap;
use kube::Resource;
use kube::core::ObjectMeta;
use serde::de::DeserializeOwned;

/// A ConfigMap with one entry, `text`.
pub fn config_map(name: &str, text: &str) -> ConfigMap {
    ConfigMap {
        metadata: ObjectMeta { name: Some(name.to_owned()), ..ObjectMeta::default() },
        data: Some(BTreeMap::from([("text".to_owned(), text.to_owned())])),
        ..ConfigMap::default()
    }
}

/// What [`config_map`] put into it; empty if it is not there.
pub fn data_of(map: &ConfigMap) -> &str {
    map.data.as_ref().and_then(|data| data.get("text")).map_or("", String::as_str)
}

/// The object with a controller reference to `owner`.
pub fn owned_by<K: Resource, O: Resource<DynamicType = ()>>(mut object: K, owner: &O) -> K {
    object.meta_mut().owner_references = Some(owner.controller_owner_ref(&()).into_iter().collect());
    object
}

/// The object that this JSON describes.
///
/// # Panics
/// If it is none of this type.
pub fn typed<K: DeserializeOwned>(json: serde_json::Value) -> K {
    serde_json::from_value(json).expect("an object of this type")
}
