//! Server-side apply of a secondary that the primary owns.

use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;

use super::desired::{demanding, named};
use super::noop::Wish;
use super::refusal::Refusal;
use super::request::{Verb, Write};
use super::state::RunState;
use crate::core::attempt::{Attempt, Demand, Found};
use crate::core::fingerprint::PRIMARY;
use crate::core::record::Record;
use crate::error::WriteError;
use crate::secondary::Related;

/// How long to wait for the watch to show what a refused write did not know.
const LAG: Duration = Duration::from_secs(2);

/// Whether an object of this name that nobody controls is taken over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Strangers {
    LeaveAlone,
    Adopt,
}

/// Applies `desired` as the secondary at `index`, owned by the primary.
pub(super) async fn apply(
    run: &Arc<RunState>,
    index: usize,
    desired: Value,
    strangers: Strangers,
) -> Result<Arc<Record>, WriteError> {
    let (key, body) = named(run, index, desired)?;
    let wish = Wish::new(body, "");
    let mut attempt = Attempt::new(&run.sight(), index, key);
    loop {
        if let Some(record) = wish.is_granted(run, &attempt) {
            return Ok(record);
        }
        let demand = attempt.demand();
        let is_unseen = matches!(demand, Demand::Absent);
        let (adopts, creates) =
            (is_unseen && strangers == Strangers::Adopt, is_unseen && strangers == Strangers::LeaveAlone);
        let body = if adopts {
            // No precondition at all: whatever is there is taken over, unless somebody else controls it.
            is_free(run, &attempt)?;
            wish.body().clone()
        } else {
            demanding(wish.body(), demand)
        };
        match send(run, &attempt, Verb::Apply, body).await {
            Ok(record) => {
                let proven = attempt.is_proven(&run.sight()) && strangers == Strangers::LeaveAlone;
                run.sight().answered(index, attempt.key(), Some(record.clone()), proven);
                wish.was_granted(run, index, &record);
                return Ok(record);
            }
            // That it exists is the greater fault, if it was to be created.
            Err(Refusal::Other(WriteError::FieldConflict { .. })) if creates => retry(run, &mut attempt).await?,
            Err(Refusal::Other(error)) => return Err(error),
            Err(Refusal::Outdated | Refusal::Gone) => retry(run, &mut attempt).await?,
        }
    }
}

/// Whether nobody else has the object that is to be taken over, as far as the watch shows that. Of controllers the API server
/// takes care itself.
fn is_free(run: &RunState, attempt: &Attempt) -> Result<(), WriteError> {
    if run.member.secondary(attempt.index()).is_some_and(|secondary| matches!(secondary.related, Related::Owned)) {
        return Ok(());
    }
    let (index, key, primary) = (attempt.index(), attempt.key(), run.primary().uid);
    let world = run.member.shared.world();
    let id = run.member.id;
    match world.view_of(id, index, key).filter(|record| !world.is_related(id, index, record, primary)) {
        Some(_) => Err(WriteError::NotOurs {
            object: run.object_name(index, key),
            primary: run.primary_name(),
            controller: None,
        }),
        None => Ok(()),
    }
}

/// Sends one write of one object; the answer is the object.
pub(super) async fn send(
    run: &Arc<RunState>,
    attempt: &Attempt,
    verb: Verb,
    body: Value,
) -> Result<Arc<Record>, Refusal> {
    let (index, key) = (attempt.index(), attempt.key().clone());
    let write = Write { index, key, verb, subresource: "", body, removes: None };
    write.send(run).await?.object().ok_or(Refusal::Gone)
}

/// After a refusal: has the attempt decide again on what the caches show.
pub(super) async fn retry(run: &RunState, attempt: &mut Attempt) -> Result<(), WriteError> {
    let (id, primary) = (run.member.id, run.primary().uid);
    let (index, key) = (attempt.index(), attempt.key());
    let found = run.member.shared.wait_for(LAG, |world| attempt.look(world, id, primary)).await;
    let not_ours = |controller| {
        Err(WriteError::NotOurs { object: run.object_name(index, key), primary: run.primary_name(), controller })
    };
    let base = match found {
        Some(Found::Base(base)) => base,
        Some(Found::NotOurs(record)) => {
            return not_ours(record.controller().map(|owner| format!("{} with uid {}", owner.kind, owner.uid)));
        }
        Some(Found::Turned) => {
            return Err(WriteError::PrimaryDeleted {
                object: run.object_name(index, key),
                primary: run.primary_name(),
            });
        }
        // The watch holds only what is related to us: what it does not show, and yet exists, belongs to somebody else.
        None if attempt.base().is_none() => return not_ours(None),
        None => attempt.base().cloned(),
    };
    if attempt.again(base) {
        return Ok(());
    }
    let object = run.object_name(index, attempt.key());
    Err(if index == PRIMARY { WriteError::Outdated { object } } else { WriteError::Vanished { object } })
}
