//! Objects as they may be shown.

use k8s_openapi::ByteString;
use serde_json::Value;

use crate::kind::KindInfo;
use crate::secret::{HIDDEN, is_secret};

/// A copy of the whole object, which `kubectl apply` makes.
const LAST_APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";

/// An object as it may be shown: of a Secret, each value is replaced by its size.
pub(super) fn redact(kind: &KindInfo, object: &mut Value) {
    if !is_secret(kind) {
        return;
    }
    for field in ["data", "stringData"] {
        for value in object.get_mut(field).and_then(Value::as_object_mut).into_iter().flat_map(|map| map.values_mut()) {
            *value = size(value, field == "data").into();
        }
        // What is no map is shown as little.
        if let Some(other) = object.get_mut(field).filter(|value| !value.is_object() && !value.is_null()) {
            *other = HIDDEN.into();
        }
    }
    if let Some(metadata) = object.get_mut("metadata").and_then(Value::as_object_mut) {
        metadata.remove("managedFields");
        if let Some(copy) = metadata.get_mut("annotations").and_then(|all| all.get_mut(LAST_APPLIED)) {
            *copy = size(copy, false).into();
        }
    }
}

fn size(value: &Value, encoded: bool) -> String {
    match value.as_str() {
        Some(text) => {
            let bytes = decoded(text).filter(|_| encoded).map_or(text.len(), |bytes| bytes.len());
            format!("({bytes} bytes)")
        }
        None => HIDDEN.to_owned(),
    }
}

/// Base64 with padding, as the API server writes it.
fn decoded(text: &str) -> Option<Vec<u8>> {
    serde_json::from_value::<ByteString>(text.into()).ok().map(|bytes| bytes.0)
}

#[cfg(test)]
mod tests {
    use k8s_openapi::api::core::v1::Secret;
    use serde_json::json;

    use super::*;
    use crate::kind::Kind;

    #[test]
    fn a_secret_is_shown_by_the_sizes_of_its_values() {
        let mut object = json!({
            "kind": "Secret", "type": "Opaque", "data": { "a": "Y2FuYXJ5", "b": 7 }, "stringData": "odd",
            "metadata": { "name": "x", "annotations": { LAST_APPLIED: "{..}", "other": "y" }, "managedFields": [] },
        });
        redact(&Secret::info(), &mut object);
        let expected = json!({
            "kind": "Secret", "type": "Opaque", "data": { "a": "(6 bytes)", "b": "(hidden)" }, "stringData": "(hidden)",
            "metadata": { "name": "x", "annotations": { LAST_APPLIED: "(4 bytes)", "other": "y" } },
        });
        assert_eq!(object, expected);
    }
}
