//! What of a Secret may be shown: its name and the names of its fields, and nothing of what is in them.
//!
//! Differences, errors and logs ask here. What a user's own code says in an error, an event or a panic is the user's.

use k8s_openapi::ByteString;
use kube::core::Status;
use serde_json::Value;

use crate::kind::KindInfo;

/// What stands in place of a value.
pub(crate) const HIDDEN: &str = "(hidden)";

/// What is shorter is not looked for in a text: it would garble the text, and can be guessed anyway.
const SHORTEST: usize = 4;

/// Whether no value of this kind's objects may be shown, whatever Rust type it has.
pub(crate) fn is_secret(kind: &KindInfo) -> bool {
    kind.group.is_empty() && kind.kind == "Secret"
}

/// What serde says of an object that its Rust type does not take: of a Secret, without the value that serde quotes. What was
/// expected and where it is, the type says and not the object.
pub(crate) fn without_value(kind: &KindInfo, error: serde_json::Error) -> serde_json::Error {
    if !is_secret(kind) || !error.is_data() {
        return error;
    }
    let text = error.to_string();
    if text.starts_with("missing field `") {
        return error;
    }
    let expected = ["invalid type: ", "invalid value: ", "invalid length "].into_iter().find_map(|begin| {
        let (_, expected) = text.strip_prefix(begin)?.rsplit_once(", expected ")?;
        Some(format!("{}: {HIDDEN}, expected {expected}", begin.trim_end_matches([':', ' '])))
    });
    let place =
        if error.line() > 0 { format!(" at line {} column {}", error.line(), error.column()) } else { String::new() };
    serde::de::Error::custom(expected.unwrap_or_else(|| format!("a value is refused: {HIDDEN}{place}")))
}

/// Takes out of an answer what was sent in a Secret: the API server, a webhook or something in between may repeat it.
pub(crate) fn hide_in_status(kind: &KindInfo, sent: &Value, status: &mut Status) {
    status.message = hide_in_text(kind, sent, &status.message);
    for cause in status.details.iter_mut().flat_map(|details| &mut details.causes) {
        cause.message = hide_in_text(kind, sent, &cause.message);
    }
}

/// The same of a text.
pub(crate) fn hide_in_text(kind: &KindInfo, sent: &Value, text: &str) -> String {
    if !is_secret(kind) {
        return text.to_owned();
    }
    let mut values = Vec::new();
    collect(&sent["data"], &mut values);
    collect(&sent["stringData"], &mut values);
    // One may be part of another.
    values.sort_by_key(|value| std::cmp::Reverse(value.len()));
    values.iter().fold(text.to_owned(), |text, value| text.replace(value, HIDDEN))
}

/// All forms in which the values below this one may be repeated: as they are, encoded or decoded, and line by line, with the
/// escapes of JSON, which are those of Go as well.
fn collect(value: &Value, forms: &mut Vec<String>) {
    let text = match value {
        Value::Object(fields) => return fields.values().for_each(|value| collect(value, forms)),
        Value::Array(items) => return items.iter().for_each(|value| collect(value, forms)),
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        Value::Null | Value::Bool(_) => return,
    };
    let encoded = serde_json::to_value(ByteString(text.clone().into_bytes())).ok();
    let encoded = encoded.as_ref().and_then(Value::as_str).map(str::to_owned);
    let decoded = serde_json::from_value(Value::String(text.clone())).ok();
    let decoded = decoded.and_then(|ByteString(bytes)| String::from_utf8(bytes).ok());
    for form in [Some(text), encoded, decoded].into_iter().flatten() {
        let lines = form.lines().flat_map(|line| [line.to_owned(), escaped(line)]);
        forms.extend(lines.filter(|line| line.chars().count() >= SHORTEST));
    }
}

/// As it stands between the quotes.
fn escaped(line: &str) -> String {
    let quoted = Value::from(line).to_string();
    let inner = quoted.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    inner.unwrap_or(&quoted).to_owned()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::core::testing;

    fn secret() -> KindInfo {
        KindInfo { group: "".into(), ..testing::kind("Secret", true) }
    }

    fn decoding<T: serde::de::DeserializeOwned>(kind: &KindInfo, json: &str) -> String {
        without_value(kind, serde_json::from_str::<T>(json).err().unwrap()).to_string()
    }

    #[test]
    fn a_value_that_is_of_another_type_is_not_quoted() {
        type Numbers = std::collections::BTreeMap<String, u8>;
        let said = |json: &str| decoding::<Numbers>(&secret(), json);
        assert_eq!(said(r#"{"a":"hunter2"}"#), "invalid type: (hidden), expected u8 at line 1 column 14");
        assert_eq!(said(r#"{"a":"x, expected hunter2"}"#), "invalid type: (hidden), expected u8 at line 1 column 26");
        assert_eq!(said(r#"{"a":123456}"#), "invalid value: (hidden), expected u8 at line 1 column 11");
        assert_eq!(said(r#"{"a":"#), "EOF while parsing a value at line 1 column 5");
        let other = testing::kind("ConfigMap", true);
        assert_eq!(
            decoding::<Numbers>(&other, r#"{"a":"plain"}"#),
            "invalid type: string \"plain\", expected u8 at line 1 column 12"
        );
    }

    #[test]
    fn what_a_type_says_in_its_own_words_is_not_shown() {
        #[derive(Debug, serde::Deserialize)]
        #[serde(try_from = "String")]
        struct Picky;
        impl TryFrom<String> for Picky {
            type Error = String;

            fn try_from(text: String) -> Result<Self, String> {
                Err(format!("`{text}` is too short"))
            }
        }
        #[derive(Debug, serde::Deserialize)]
        enum Known {
            A,
        }
        #[derive(Debug, serde::Deserialize)]
        struct Needy {
            #[expect(dead_code)]
            key: String,
        }
        let kind = secret();
        assert_eq!(decoding::<[Picky; 1]>(&kind, r#"["hunter2"]"#), "a value is refused: (hidden) at line 1 column 11");
        assert!(decoding::<[Known; 1]>(&kind, r#"["hunter2"]"#).starts_with("a value is refused: (hidden) at"));
        assert_eq!(decoding::<Needy>(&kind, "{}"), "missing field `key` at line 1 column 2");
        assert!(matches!(serde_json::from_str(r#""A""#), Ok(Known::A)));
    }

    #[test]
    fn what_was_sent_is_taken_out_of_the_answer_in_each_form() {
        let sent = json!({
            "data": { "a": "aHVudGVyMg==", "b": 4711, "c": "abc" },
            "stringData": { "d": "first \"line\"\nsecond line", "e": "hunter2 and more" },
        });
        let hide = |text: &str| hide_in_text(&secret(), &sent, text);
        assert_eq!(hide("no aHVudGVyMg==, hunter2 or 4711"), "no (hidden), (hidden) or (hidden)");
        assert_eq!(hide("hunter2 and more"), "(hidden)", "the longest first");
        assert_eq!(hide(r#"Invalid value: "first \"line\"\nsecond line""#), r#"Invalid value: "(hidden)\n(hidden)""#);
        assert_eq!(hide("abc of data[a] is wrong"), "abc of data[a] is wrong");
        let other = testing::kind("ConfigMap", true);
        assert_eq!(hide_in_text(&other, &sent, "hunter2"), "hunter2");
    }
}
