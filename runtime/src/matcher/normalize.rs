//! The form in which a body is sent and compared.

use k8s_openapi::ByteString;
use serde_json::{Map, Value};

use super::native;
use super::place::Place;
use crate::kind::KindInfo;

/// Brings a body into the form in which it is sent and compared.
///
/// - Without nulls: Rust types write them for what is not set. A server would own the field and store nothing.
/// - For kinds that kube-apiserver serves itself, and in all metadata, without empty lists and maps: it stores none, but
///   some kinds are rewritten by every apply that contains one (NetworkPolicy). Custom resources keep theirs.
/// - A Secret's `stringData` becomes `data`: the server never takes out what only `stringData` has put in.
///
/// What is left is applied with the same result.
pub(crate) fn normalize(kind: &KindInfo, body: &mut Value) {
    let root = Place::root(kind);
    if root.is_secret() {
        merge_string_data(body);
    }
    prune(kind, &root, body);
}

fn prune(kind: &KindInfo, place: &Place<'_>, value: &mut Value) {
    match value {
        Value::Object(fields) => fields.retain(|name, value| {
            let place = place.field(name);
            prune(kind, &place, value);
            match value {
                Value::Null => false,
                Value::Array(items) => !(items.is_empty() && place.is_native()),
                Value::Object(fields) => !(fields.is_empty() && place.is_native() && native::is_map(kind, &place)),
                _ => true,
            }
        }),
        Value::Array(items) => {
            for (i, item) in items.iter_mut().enumerate() {
                prune(kind, &place.index(i), item);
            }
        }
        _ => {}
    }
}

/// As the server does it, where `stringData` wins.
fn merge_string_data(body: &mut Value) {
    let Some(Value::Object(texts)) = body.as_object_mut().and_then(|fields| fields.remove("stringData")) else {
        return;
    };
    if !body["data"].is_object() {
        body["data"] = Value::Object(Map::new());
    }
    for (name, text) in texts {
        if let Value::String(text) = text {
            body["data"][name] = base64(text.into_bytes());
        }
    }
}

fn base64(bytes: Vec<u8>) -> Value {
    serde_json::to_value(ByteString(bytes)).unwrap_or_default()
}

#[cfg(test)]
#[path = "normalize_tests.rs"]
mod tests;
