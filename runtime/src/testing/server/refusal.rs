//! How the API server says no.

use serde_json::{Value, json};

use super::apply::Conflict;
use super::path::Resource;
use crate::core::key::Key;

/// An answer that is an error: a `Status`.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Refusal {
    pub(super) code: u16,
    reason: &'static str,
    message: String,
    details: Value,
    /// Seconds.
    pub(super) retry_after: Option<u32>,
}

impl Refusal {
    pub(super) fn new(code: u16, message: impl Into<String>) -> Self {
        let reason = match code {
            400 => "BadRequest",
            401 => "Unauthorized",
            403 => "Forbidden",
            404 => "NotFound",
            405 => "MethodNotAllowed",
            409 => "Conflict",
            410 => "Expired",
            413 => "RequestEntityTooLarge",
            422 => "Invalid",
            429 => "TooManyRequests",
            500 => "InternalError",
            503 => "ServiceUnavailable",
            504 => "Timeout",
            _ => "",
        };
        Self { code, reason, message: message.into(), details: json!({}), retry_after: None }
    }

    /// With `Retry-After`.
    pub(super) fn after(self, seconds: Option<u32>) -> Self {
        Self { retry_after: seconds, ..self }
    }

    fn about(mut self, resource: &Resource, key: &Key) -> Self {
        self.details = json!({ "name": key.name(), "group": resource.group, "kind": resource.plural });
        self
    }

    pub(super) fn not_found(resource: &Resource, key: &Key) -> Self {
        Self::new(404, format!("{} \"{}\" not found", named(resource), key.name())).about(resource, key)
    }

    pub(super) fn exists(resource: &Resource, key: &Key) -> Self {
        let message = format!("{} \"{}\" already exists", named(resource), key.name());
        Self { reason: "AlreadyExists", ..Self::new(409, message) }.about(resource, key)
    }

    /// The object is not in the version that the request names.
    pub(super) fn outdated(resource: &Resource, key: &Key) -> Self {
        let message = format!(
            "Operation cannot be fulfilled on {} \"{}\": the object has been modified; please apply your changes to the latest version \
             and try again",
            named(resource),
            key.name()
        );
        Self::new(409, message).about(resource, key)
    }

    /// The object is not the one that the request names.
    pub(super) fn other_uid(resource: &Resource, key: &Key, wanted: &str, found: &str) -> Self {
        let message = format!(
            "Operation cannot be fulfilled on {} \"{}\": Precondition failed: UID in precondition: {wanted}, UID in object meta: {found}",
            named(resource),
            key.name()
        );
        Self::new(409, message).about(resource, key)
    }

    pub(super) fn conflicts(conflicts: &[Conflict]) -> Self {
        let text = |(field, manager): &Conflict| format!("conflict with \"{manager}\": {field}");
        let message = format!(
            "Apply failed with {} conflict{}: {}",
            conflicts.len(),
            if conflicts.len() == 1 { "" } else { "s" },
            conflicts.iter().map(text).collect::<Vec<_>>().join(", ")
        );
        let cause = |(field, manager): &Conflict| json!({ "reason": "FieldManagerConflict", "message": format!("conflict with \"{manager}\""), "field": field });
        let causes: Vec<Value> = conflicts.iter().map(cause).collect();
        Self { details: json!({ "causes": causes }), ..Self::new(409, message) }
    }

    /// A path that is none.
    pub(super) fn unserved() -> Self {
        Self::new(404, "404 page not found")
    }

    pub(super) fn is_unserved(&self) -> bool {
        *self == Self::unserved()
    }

    pub(super) fn to_json(&self) -> Value {
        let mut details = self.details.clone();
        if let Some(seconds) = self.retry_after {
            details["retryAfterSeconds"] = seconds.into();
        }
        json!({
            "kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure", "message": self.message,
            "reason": self.reason, "details": details, "code": self.code,
        })
    }
}

fn named(resource: &Resource) -> String {
    crate::kind::resource(&resource.group, &resource.plural)
}
