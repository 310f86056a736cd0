//! Our finalizers on the primary: added before the first run, or taken off if they are former ones, and removed after the
//! cleanup. Foreign ones are never touched.

use std::sync::Arc;

use serde_json::{Value, json};

use super::apply::retry;
use super::refusal::Refusal;
use super::request::{Verb, Write};
use super::state::RunState;
use crate::core::attempt::{Attempt, Demand};
use crate::core::finalizers::Finalizers;
use crate::core::fingerprint::PRIMARY;
use crate::core::record::Record;
use crate::error::WriteError;

/// Makes sure that the living primary carries the operator's finalizer, if one is declared, and no former one.
pub(crate) async fn settle_finalizers(run: &Arc<RunState>) -> Result<(), WriteError> {
    edit(run, Finalizers::of_the_living).await
}

/// Takes the operator's finalizers off the primary, which is cleaned up.
pub(crate) async fn remove_finalizers(run: &Arc<RunState>) -> Result<(), WriteError> {
    edit(run, Finalizers::of_the_cleaned).await
}

/// Edits the list in exactly the version that the run sees; if others were faster, in any that still has the list as it was
/// decided on. So no finalizer of theirs is lost, and no other edit of theirs is in the way.
async fn edit(run: &Arc<RunState>, desired: fn(Finalizers, &[Box<str>]) -> Vec<String>) -> Result<(), WriteError> {
    let key = run.primary().key.clone();
    let deleted = || WriteError::PrimaryDeleted { object: run.primary_name(), primary: run.primary_name() };
    let mut attempt = Attempt::new(&run.sight(), PRIMARY, key.clone());
    loop {
        let base = attempt.base().cloned().ok_or_else(deleted)?;
        let names = desired(run.member.finalizers, &base.finalizers);
        if names.iter().map(String::as_str).eq(base.finalizers.iter().map(|name| &**name)) {
            return Ok(());
        }
        // An object goes with its last finalizer.
        let removes = (base.deleting && names.is_empty()).then_some(base.uid);
        let body = patch(&base, attempt.demand(), &names);
        let write = Write { index: PRIMARY, key: key.clone(), verb: Verb::Test, subresource: "", body, removes };
        match write.send(run).await {
            Ok(answer) => {
                let proven = attempt.is_proven(&run.sight()) || answer.is_nothing();
                run.answered(PRIMARY, &key, answer, proven);
                return Ok(());
            }
            Err(Refusal::Gone) => return Err(deleted()),
            Err(Refusal::Other(error)) => return Err(error),
            Err(Refusal::Outdated) => retry(run, &mut attempt).await?,
        }
    }
}

/// A JSON patch that sets the whole list if the tests before hold. A list that is not there equals null.
fn patch(base: &Record, demand: Demand<'_>, names: &[String]) -> Value {
    let test =
        |field: &str, value: Value| json!({ "op": "test", "path": format!("/metadata/{field}"), "value": value });
    let finalizers = if base.finalizers.is_empty() { Value::Null } else { json!(base.finalizers) };
    let unchanged = match demand {
        Demand::Finalizers(_) => test("finalizers", finalizers),
        _ => test("resourceVersion", base.version().to_string().into()),
    };
    let set = json!({ "op": "add", "path": "/metadata/finalizers", "value": names });
    json!([test("uid", base.uid.to_string().into()), unchanged, set])
}
