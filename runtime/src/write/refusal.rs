//! What it means that the API server refuses a write.

use std::time::Duration;

use kube::core::Status;

use super::request::{Verb, Write};
use super::state::RunState;
use crate::api::NotLeading;
use crate::core::fingerprint::PRIMARY;
use crate::error::{FieldConflict, InvalidField, ObjectName, WriteError, retry_after};
use crate::kind::KindInfo;

/// Why a write was not done, before it is known what that means.
#[derive(Debug)]
pub(super) enum Refusal {
    /// 409 without causes: the precondition does not hold any more.
    Outdated,
    /// 404, or a uid that is not the one of the object there is.
    Gone,
    Other(WriteError),
}

/// Answers with code 500 that no repetition changes, by what they say.
const PERMANENT: [&str; 4] =
    ["failed to create typed patch object", "failed to convert", "request is too large", "message larger than max"];

/// What the API server says of a creation while the definition of the kind is being deleted.
const LEAVING: &str = "create not allowed while custom resource definition is terminating";

/// What the API server says of a JSON patch whose tests fail.
const TESTED: [&str; 2] = ["rejected our request due to an error in our request", "no new finalizers can be added"];

impl Refusal {
    pub(super) fn read(run: &RunState, write: &Write, object: ObjectName, error: kube::Error) -> Self {
        let verb = write.verb.word();
        match error {
            kube::Error::Api(status) => Self::of_status(run, write, object, status),
            kube::Error::Service(error) if error.is::<NotLeading>() => {
                Self::Other(WriteError::NotLeading { verb, object })
            }
            error => Self::Other(WriteError::Api { verb, object, source: Box::new(error) }),
        }
    }

    fn of_status(run: &RunState, write: &Write, object: ObjectName, status: Box<Status>) -> Self {
        let verb = write.verb.word();
        let details = status.details.as_ref();
        let causes = details.map_or(&[][..], |details| &details.causes);
        let says = |text: &str| status.message.contains(text);
        let uid_changed = causes.iter().any(|cause| cause.field == "metadata.uid")
            || says("uid mismatch")
            || says("UID in precondition")
            || says("UID in the precondition");
        // What creates does not mind that the object is not there: a 404 is about the namespace or the kind then.
        let creates = write.verb.creates() && write.subresource.is_empty();
        let about_object = !creates && details.is_some_and(|details| details.name == write.key.name());
        let message = status.message.clone();
        Self::Other(match status.code {
            409 | 422 if uid_changed => return Self::Gone,
            404 if about_object => return Self::Gone,
            409 if status.reason == "AlreadyExists" => WriteError::Exists { object, seen: false },
            409 if causes.is_empty() => return Self::Outdated,
            // The second says that the deletion has begun, of which the tests know nothing.
            422 if write.verb == Verb::Test && TESTED.iter().any(|text| says(text)) => return Self::Outdated,
            409 => WriteError::FieldConflict {
                object,
                fields: causes.iter().map(|cause| FieldConflict::read(&cause.field, &cause.message)).collect(),
            },
            422 if says("Only one reference can have Controller set to true") => {
                WriteError::NotOurs { object, primary: run.primary_name(), controller: controller(&message) }
            }
            _ if says("denied the request") || says("denied request") => WriteError::Denied { verb, object, message },
            401 => WriteError::Unauthorized { verb, object, message },
            404 if creates => {
                let kind = &run.member.kinds[write.index];
                // The plain text of a path that is not served; what is missing below a path that is has a name.
                let message = if details.is_none() { unserved(kind, &message) } else { message };
                WriteError::NoPlace { object, message }
            }
            403 if causes.iter().any(|cause| cause.reason == "NamespaceTerminating") || says(LEAVING) => {
                WriteError::NoPlace { object, message }
            }
            403 => match missing_right(run, write, &message) {
                Some(right) => WriteError::Forbidden { verb, object, message, right },
                None => WriteError::Denied { verb, object, message },
            },
            422 => {
                let invalid =
                    |field: &String, message: &String| InvalidField { field: field.clone(), message: message.clone() };
                let fields = causes.iter().map(|cause| invalid(&cause.field, &cause.message)).collect();
                WriteError::Invalid { object, fields, message }
            }
            413 => WriteError::Invalid { object, fields: Vec::new(), message },
            500 if PERMANENT.iter().any(|text| says(text)) => {
                WriteError::Invalid { object, fields: Vec::new(), message }
            }
            429 => {
                let after = retry_after(&status).unwrap_or(Duration::ZERO);
                WriteError::Busy { verb, object, message, after }
            }
            _ => WriteError::Api { verb, object, source: Box::new(kube::Error::Api(status)) },
        })
    }
}

/// The path of the kind is none: not in this version, or not in this scope.
fn unserved(kind: &KindInfo, message: &str) -> String {
    let scope = if kind.namespaced { "namespaced" } else { "cluster-scoped" };
    format!(
        "{}: its Rust type says that {} is {scope} in {}, and the API server does not serve that; install a CRD that does, or \
         correct the `#[kube(..)]` of {}",
        message.trim(),
        kind.plural,
        kind.api_version(),
        kind.kind
    )
}

/// The other controller, as the API server names it: `.. Found "true" in references for Widget/a and WebApp/b`.
fn controller(message: &str) -> Option<String> {
    let (_, references) = message.split_once("in references for ")?;
    let (first, _) = references.split_once(" and ")?;
    Some(first.to_owned())
}

/// The right that a write lacks, if that is what the API server means: quotas and other policies answer 403 too.
fn missing_right(run: &RunState, write: &Write, message: &str) -> Option<String> {
    let (kind, primary) = (&run.member.kinds[write.index], &run.member.kinds[PRIMARY]);
    if message.contains("cannot set blockOwnerDeletion") {
        return Some(allowance("update", primary, "finalizers"));
    }
    if message.contains("cannot set an ownerRef on a resource you can't delete") {
        return Some(allowance("delete", kind, ""));
    }
    let lacks = message.contains("User \"") && message.contains("\" cannot ");
    lacks.then(|| allowance(verbs(write), kind, write.subresource))
}

/// The verbs that a write needs.
fn verbs(write: &Write) -> &'static str {
    match write.verb {
        Verb::Apply if write.subresource.is_empty() => "patch, create",
        Verb::Apply | Verb::Merge | Verb::Test => "patch",
        Verb::Create => "create",
        Verb::Replace => "update",
        Verb::Delete => "delete",
    }
}

/// A right as errors name it: `patch on webapps/status.demo.steersman.dev`.
fn allowance(verbs: &str, kind: &KindInfo, subresource: &str) -> String {
    let dot = if kind.group.is_empty() { "" } else { "." };
    let slash = if subresource.is_empty() { "" } else { "/" };
    format!("{verbs} on {}{slash}{subresource}{dot}{}", kind.plural, kind.group)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_that_is_not_served_says_what_the_rust_type_says() {
        assert_eq!(
            unserved(&crate::core::testing::kind("comets", false), "404 page not found\n"),
            "404 page not found: its Rust type says that comets is cluster-scoped in test/v1, and the API server does not \
             serve that; install a CRD that does, or correct the `#[kube(..)]` of comets"
        );
    }

    #[test]
    fn the_other_controller_is_named() {
        let message =
            "Only one reference can have Controller set to true. Found \"true\" in references for With/a and With/b";
        assert_eq!(controller(message).as_deref(), Some("With/a"));
        assert_eq!(controller("something else"), None);
    }
}
