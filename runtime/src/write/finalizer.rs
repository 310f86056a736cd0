//! Our finalizer on the primary: added before the first run, removed after the cleanup. Foreign ones are never touched.

use std::sync::Arc;

use serde_json::json;

use super::apply::retry;
use super::refusal::Refusal;
use super::request::{Verb, Write};
use super::state::RunState;
use crate::core::attempt::Attempt;
use crate::core::fingerprint::PRIMARY;
use crate::error::WriteError;

/// Makes sure that the primary carries `finalizer`.
pub(crate) async fn add_finalizer(run: &Arc<RunState>, finalizer: &str) -> Result<(), WriteError> {
    edit(run, |names| {
        if names.iter().any(|name| name == finalizer) {
            return false;
        }
        names.push(finalizer.to_owned());
        true
    })
    .await
}

/// Takes `finalizer` off the primary.
pub(crate) async fn remove_finalizer(run: &Arc<RunState>, finalizer: &str) -> Result<(), WriteError> {
    edit(run, |names| {
        let before = names.len();
        names.retain(|name| name != finalizer);
        names.len() != before
    })
    .await
}

/// A merge patch with the whole list, which the resourceVersion protects: if anybody has edited the primary since, the
/// API server refuses it, and it is decided again on the newer version.
async fn edit(run: &Arc<RunState>, change: impl Fn(&mut Vec<String>) -> bool) -> Result<(), WriteError> {
    let key = run.primary().key.clone();
    let vanished = || WriteError::Vanished { object: run.primary_name() };
    let mut attempt = Attempt::new(&run.sight(), PRIMARY, key.clone());
    loop {
        let base = attempt.base().cloned().ok_or_else(vanished)?;
        let mut names: Vec<String> = base.finalizers.iter().map(ToString::to_string).collect();
        if !change(&mut names) {
            return Ok(());
        }
        // An object goes with its last finalizer.
        let removes = (base.deleting && names.is_empty()).then_some(base.uid);
        let body = json!({ "metadata": {
            "uid": base.uid.to_string(), "resourceVersion": base.rv.to_string(), "finalizers": names,
        } });
        let proven = attempt.is_proven(&run.sight());
        let write = Write { index: PRIMARY, key: key.clone(), verb: Verb::Merge, subresource: "", body, removes };
        match write.send(run).await {
            Ok(answer) => {
                run.answered(PRIMARY, &key, answer, proven);
                return Ok(());
            }
            Err(Refusal::Gone) => return Err(vanished()),
            Err(Refusal::Other(error)) => return Err(error),
            Err(Refusal::Outdated) => retry(run, &mut attempt).await?,
        }
    }
}
