//! Whether an apply would change anything. So far this cannot be decided: everything is sent.

use std::sync::Arc;

use serde_json::Value;

use crate::kind::KindInfo;

/// Brings a body into the form in which it is sent and compared.
pub(crate) fn normalize(_kind: &KindInfo, _body: &mut Value) {}

/// One server-side apply entry of managedFields.
#[derive(Debug)]
#[expect(dead_code)]
pub(crate) struct OwnedFields(Arc<str>);

impl OwnedFields {
    pub(crate) fn new(text: &str) -> Self {
        Self(text.into())
    }
}

#[derive(Debug)]
#[expect(dead_code)]
pub(crate) enum Verdict {
    Same,
    Unknown,
}

pub(crate) fn compare(_kind: &KindInfo, _desired: &Value, _live: &Value, _owned: &OwnedFields) -> Verdict {
    Verdict::Unknown
}

pub(crate) fn owned_part(_live: &Value, _owned: &OwnedFields) -> Option<u128> {
    None
}
