//! What must not be shown: the values of Secrets.
//!
//! They are in no log, metric, debug view, event or error of the runtime. What a reconciler says of them itself, in its errors and
//! events, is its own affair.

use kube::core::Status;
use serde_json::Value;

use crate::kind::KindInfo;

/// What stands for a value in a text.
const HIDDEN: &str = "(hidden)";
/// A copy of the whole object, which `kubectl apply` makes.
#[cfg(feature = "server")]
const LAST_APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";

/// Whether the values of a kind are hidden.
pub(crate) fn is_secret(kind: &KindInfo) -> bool {
    kind.group.is_empty() && kind.kind == "Secret"
}

/// What may be said of an object that cannot be decoded: serde shows the value that does not fit.
pub(crate) fn decode_error(kind: &KindInfo, error: serde_json::Error) -> serde_json::Error {
    if !is_secret(kind) {
        return error;
    }
    serde::de::Error::custom(format!(
        "it is not what its Rust type expects, at line {} column {}; what stands there is hidden",
        error.line(),
        error.column()
    ))
}

/// The values of some versions of an object, in every form in which somebody may repeat them.
#[derive(Debug, Default)]
pub(crate) struct Values(Vec<String>);

impl Values {
    /// Those of an object; of any other kind than a Secret, none.
    pub(crate) fn of<'a>(kind: &KindInfo, versions: impl IntoIterator<Item = &'a Value>) -> Self {
        let mut values = Vec::new();
        for version in versions.into_iter().filter(|_| is_secret(kind)) {
            for field in ["data", "stringData"] {
                each_text(&version[field], &mut |text| {
                    values.push(text.to_owned());
                    values.extend(decoded(text).and_then(|bytes| String::from_utf8(bytes).ok()));
                });
            }
        }
        let escaped: Vec<String> = values.iter().map(|value| Value::from(value.as_str()).to_string()).collect();
        values.extend(escaped.iter().map(|quoted| quoted[1..quoted.len() - 1].to_owned()));
        values.retain(|value| !value.is_empty());
        // One may be part of another.
        values.sort_by_key(|value| std::cmp::Reverse(value.len()));
        values.dedup();
        Self(values)
    }

    /// Hides the values in a text. Of those with less than four characters only where they stand in quotes: they are part of
    /// everything.
    pub(crate) fn hide(&self, text: &str) -> String {
        let hide = |text: String, value: &String| {
            if value.chars().count() >= 4 {
                return text.replace(value.as_str(), HIDDEN);
            }
            ['"', '\'', '`'].iter().fold(text, |text, quote| text.replace(&format!("{quote}{value}{quote}"), HIDDEN))
        };
        self.0.iter().fold(text.to_owned(), hide)
    }

    /// Hides them in what the API server says of a write.
    pub(crate) fn hide_in(&self, status: &mut Status) {
        if self.0.is_empty() {
            return;
        }
        status.message = self.hide(&status.message);
        for cause in status.details.iter_mut().flat_map(|details| &mut details.causes) {
            cause.message = self.hide(&cause.message);
        }
    }
}

fn each_text(value: &Value, tell: &mut impl FnMut(&str)) {
    match value {
        Value::String(text) => tell(text),
        Value::Array(items) => items.iter().for_each(|item| each_text(item, tell)),
        Value::Object(fields) => fields.values().for_each(|field| each_text(field, tell)),
        Value::Number(number) => tell(&number.to_string()),
        Value::Null | Value::Bool(_) => {}
    }
}

/// An object as it may be shown: of a Secret, each value is replaced by its size.
#[cfg(feature = "server")]
pub(crate) fn redact(kind: &KindInfo, object: &mut Value) {
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

#[cfg(feature = "server")]
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
    serde_json::from_value::<k8s_openapi::ByteString>(text.into()).ok().map(|bytes| bytes.0)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::kind::Kind;

    fn secret() -> KindInfo {
        k8s_openapi::api::core::v1::Secret::info()
    }

    #[test]
    fn values_are_hidden_in_every_form() {
        let object = json!({ "data": { "a": "Y2FuYXJ5Cg==", "b": "eA==" }, "stringData": { "c": "with \"quotes\"", "d": "ab" } });
        let values = Values::of(&secret(), [&object]);
        assert_eq!(values.hide("no Y2FuYXJ5Cg== here"), "no (hidden) here");
        assert_eq!(values.hide(r#"Invalid value: "canary\n": no"#), r#"Invalid value: "(hidden)": no"#);
        assert_eq!(values.hide(r#"with "quotes" and with \"quotes\""#), "(hidden) and (hidden)");
        assert_eq!(values.hide(r#"above "ab" and "x""#), "above (hidden) and (hidden)");
        let map = k8s_openapi::api::core::v1::ConfigMap::info();
        assert_eq!(Values::of(&map, [&object]).hide("no Y2FuYXJ5Cg=="), "no Y2FuYXJ5Cg==");
    }

    #[test]
    fn the_error_of_an_undecodable_secret_quotes_nothing() {
        let error = || serde_json::from_str::<std::collections::BTreeMap<String, u8>>(r#"{"a":"canary"}"#).unwrap_err();
        let said = decode_error(&secret(), error()).to_string();
        assert!(!said.contains("canary") && said.contains("line 1 column 13"), "{said}");
        let map = k8s_openapi::api::core::v1::ConfigMap::info();
        assert!(decode_error(&map, error()).to_string().contains("canary"));
    }

    #[cfg(feature = "server")]
    #[test]
    fn a_secret_is_shown_by_the_sizes_of_its_values() {
        let mut object = json!({
            "kind": "Secret", "type": "Opaque", "data": { "a": "Y2FuYXJ5", "b": 7 }, "stringData": "odd",
            "metadata": { "name": "x", "annotations": { LAST_APPLIED: "{..}", "other": "y" }, "managedFields": [] },
        });
        redact(&secret(), &mut object);
        let expected = json!({
            "kind": "Secret", "type": "Opaque", "data": { "a": "(6 bytes)", "b": "(hidden)" }, "stringData": "(hidden)",
            "metadata": { "name": "x", "annotations": { LAST_APPLIED: "(4 bytes)", "other": "y" } },
        });
        assert_eq!(object, expected);
    }
}
