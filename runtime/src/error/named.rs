//! What errors of writes name: objects, and fields.

use std::fmt;

use crate::core::key::Key;
use crate::kind::KindInfo;

/// An object as errors name it: `ConfigMap default/web-config`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObjectName {
    kind: String,
    key: Key,
}

impl ObjectName {
    pub(crate) fn new(kind: &KindInfo, key: &Key) -> Self {
        Self { kind: kind.kind.to_string(), key: key.clone() }
    }

    #[cfg(test)]
    pub(super) fn made(kind: &str, namespace: &str, name: &str) -> Self {
        Self { kind: kind.to_owned(), key: Key::new(Some(namespace), name) }
    }

    /// The kind, without its group.
    pub fn kind(&self) -> &str {
        &self.kind
    }

    /// The namespace; `None` for a cluster-scoped object.
    pub fn namespace(&self) -> Option<&str> {
        self.key.namespace()
    }

    /// The name.
    pub fn name(&self) -> &str {
        self.key.name()
    }
}

impl fmt::Display for ObjectName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.kind, self.key)
    }
}

/// A field that another manager owns.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct FieldConflict {
    /// The field, as the API server writes it: `.spec.replicas`.
    pub field: String,
    /// The field manager that owns it; if the API server names none, all that it says instead.
    pub manager: String,
    /// The subresource through which that manager wrote it, such as `status`.
    pub subresource: Option<String>,
    /// The version of the API that it was written with, if not by server-side apply.
    pub version: Option<String>,
}

impl FieldConflict {
    /// Reads what the API server says: `conflict with "hpa" with subresource "scale" using autoscaling/v1`, where all behind
    /// the manager may be missing, and a time may follow.
    pub(crate) fn read(field: &str, message: &str) -> Self {
        let quoted = |text: &str, before: &str| {
            let text = text.split_once(before)?.1;
            // It is quoted as JSON quotes, since a manager's name has printable characters alone.
            let mut strings = serde_json::Deserializer::from_str(text).into_iter::<String>();
            let string = strings.next()?.ok()?;
            Some((string, text[strings.byte_offset()..].to_owned()))
        };
        let field = field.to_owned();
        let Some((manager, rest)) = quoted(message, "conflict with ") else {
            return Self { field, manager: message.to_owned(), subresource: None, version: None };
        };
        let (subresource, rest) =
            quoted(&rest, " with subresource ").map_or((None, rest), |(name, rest)| (Some(name), rest));
        let version =
            rest.split_once(" using ").and_then(|(_, text)| text.split_whitespace().next()).map(str::to_owned);
        Self { field, manager, subresource, version }
    }
}

/// ``.spec.replicas of `hpa` (subresource `scale`, autoscaling/v1)``.
impl fmt::Display for FieldConflict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { field, manager, subresource, version } = self;
        write!(f, "{field} of `{manager}`")?;
        let subresource = subresource.as_ref().map(|name| format!("subresource `{name}`"));
        let details: Vec<String> = subresource.into_iter().chain(version.clone()).collect();
        if details.is_empty() { Ok(()) } else { write!(f, " ({})", details.join(", ")) }
    }
}

/// A field that the API server does not accept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidField {
    /// The field, as the API server writes it: `spec.selector`.
    pub field: String,
    /// What is wrong with it.
    pub message: String,
}

/// How the API server says that a field may not be changed.
const IMMUTABLE: [&str; 4] = ["immutable", "may not change", "cannot change", "updates to"];

impl InvalidField {
    /// Whether the field may not be changed once the object exists.
    pub fn is_immutable(&self) -> bool {
        IMMUTABLE.iter().any(|text| self.message.contains(text))
    }
}

impl fmt::Display for InvalidField {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.field, shortened(&self.message))
    }
}

/// The API server shows the value that it does not take, and that may be a whole Pod template: in the middle of what it
/// says, before what is wrong with it.
pub(super) fn shortened(message: &str) -> String {
    const BEGIN: usize = 100;
    const END: usize = 300;
    let count = message.chars().count();
    if count <= BEGIN + END {
        return message.to_owned();
    }
    let begin: String = message.chars().take(BEGIN).collect();
    let end: String = message.chars().skip(count - END).collect();
    format!("{begin} … {end}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_conflict_names_the_manager() {
        let said = |message: &str| FieldConflict::read(".spec.replicas", message).to_string();
        assert_eq!(said(r#"conflict with "one""#), ".spec.replicas of `one`");
        assert_eq!(said(r#"conflict with "a \"b\"" using v1"#), r#".spec.replicas of `a "b"` (v1)"#);
        assert_eq!(
            said(r#"conflict with "hpa" with subresource "scale" using autoscaling/v1 at 2026-01-02T03:04:05Z"#),
            ".spec.replicas of `hpa` (subresource `scale`, autoscaling/v1)"
        );
        let odd = FieldConflict::read(".x", "somebody else's");
        assert_eq!((odd.manager.as_str(), odd.subresource, odd.version), ("somebody else's", None, None));
    }
}
