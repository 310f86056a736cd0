//! The status of the primary.

use std::sync::Arc;

use serde_json::{Value, json};

use super::request::{Refusal, Verb, Write};
use super::state::RunState;
use crate::core::fingerprint::PRIMARY;
use crate::core::record::Record;
use crate::error::WriteError;

/// Applies the status. The uid keeps it from reaching another object of the same name; no resourceVersion, because a
/// status is about what the run saw, and a newer spec makes another run follow anyway.
pub(super) async fn apply(run: &RunState, status: Value) -> Result<Arc<Record>, WriteError> {
    let primary = run.primary();
    let kind = &run.member.kinds[PRIMARY];
    let mut metadata = json!({ "name": primary.key.name(), "uid": primary.uid.to_string() });
    if let Some(namespace) = primary.key.namespace() {
        metadata["namespace"] = namespace.into();
    }
    let body = json!({ "apiVersion": kind.api_version(), "kind": kind.kind, "metadata": metadata, "status": status });
    let write = Write { index: PRIMARY, key: &primary.key, verb: Verb::Apply, subresource: "/status", body: &body };
    match write.send(run).await {
        Ok(json) => run.answered(PRIMARY, &primary.key, "apply of the status", &json, false),
        Err(Refusal::Outdated | Refusal::Gone) => Err(WriteError::Vanished { object: run.primary_name() }),
        Err(Refusal::Other(error)) => Err(error),
    }
}
