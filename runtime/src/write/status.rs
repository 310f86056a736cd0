//! The status of the primary.

use std::sync::Arc;

use serde_json::{Value, json};

use super::noop::Wish;
use super::refusal::Refusal;
use super::request::{Verb, Write};
use super::state::RunState;
use crate::core::attempt::Attempt;
use crate::core::fingerprint::PRIMARY;
use crate::core::record::Record;
use crate::error::WriteError;

/// Applies the status. The uid keeps it from reaching another object of the same name; no resourceVersion, because a
/// status is about what the run saw, and a newer spec makes another run follow anyway.
pub(super) async fn apply(run: &Arc<RunState>, status: Value) -> Result<Arc<Record>, WriteError> {
    let primary = run.primary();
    let kind = &run.member.kinds[PRIMARY];
    let key = primary.key.clone();
    let mut body = json!({
        "apiVersion": kind.api_version(), "kind": kind.kind, "metadata": { "name": key.name() }, "status": status,
    });
    crate::matcher::normalize(kind, &mut body);
    let wish = Wish::new(body, "status");
    let attempt = Attempt::new(&run.sight(), PRIMARY, key.clone());
    if let Some(record) = wish.is_granted(run, &attempt) {
        return Ok(record);
    }
    let mut body = wish.body().clone();
    body["metadata"]["uid"] = primary.uid.to_string().into();
    if let Some(namespace) = key.namespace() {
        body["metadata"]["namespace"] = namespace.into();
    }
    let write = Write { index: PRIMARY, key, verb: Verb::Apply, subresource: "status", body, removes: None };
    let deleted = || WriteError::PrimaryDeleted { object: run.primary_name(), primary: run.primary_name() };
    match write.send(run).await {
        Ok(answer) => {
            let record = run.answered(PRIMARY, &primary.key, answer, false).ok_or_else(deleted)?;
            wish.was_granted(run, PRIMARY, &record);
            Ok(record)
        }
        Err(Refusal::Outdated | Refusal::Gone) => Err(deleted()),
        Err(Refusal::Other(error)) => Err(error),
    }
}
