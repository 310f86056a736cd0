//! Our finalizers on the primary: added before the first run, or taken off if they are former ones, and removed after the
//! cleanup. Foreign ones are never touched.

use std::sync::Arc;

use serde_json::json;

use super::apply::retry;
use super::refusal::Refusal;
use super::request::{Verb, Write};
use super::state::RunState;
use crate::core::attempt::Attempt;
use crate::core::finalizers::Finalizers;
use crate::core::fingerprint::PRIMARY;
use crate::error::WriteError;

/// Makes sure that the living primary carries the operator's finalizer, if one is declared, and no former one.
pub(crate) async fn settle_finalizers(run: &Arc<RunState>) -> Result<(), WriteError> {
    edit(run, Finalizers::of_the_living).await
}

/// Takes the operator's finalizers off the primary, which is cleaned up.
pub(crate) async fn remove_finalizers(run: &Arc<RunState>) -> Result<(), WriteError> {
    edit(run, Finalizers::of_the_cleaned).await
}

/// A merge patch with the whole list, which the resourceVersion protects: if anybody has edited the primary since, the
/// API server refuses it, and it is decided again on the newer version.
async fn edit(run: &Arc<RunState>, desired: fn(Finalizers, &[Box<str>]) -> Vec<String>) -> Result<(), WriteError> {
    let key = run.primary().key.clone();
    let vanished = || WriteError::Vanished { object: run.primary_name() };
    let mut attempt = Attempt::new(&run.sight(), PRIMARY, key.clone());
    loop {
        let base = attempt.base().cloned().ok_or_else(vanished)?;
        let names = desired(run.member.finalizers, &base.finalizers);
        if names.iter().map(String::as_str).eq(base.finalizers.iter().map(|name| &**name)) {
            return Ok(());
        }
        // An object goes with its last finalizer.
        let removes = (base.deleting && names.is_empty()).then_some(base.uid);
        let body = json!({ "metadata": {
            "uid": base.uid.to_string(), "resourceVersion": base.version().to_string(), "finalizers": names,
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
