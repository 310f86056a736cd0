//! One run, from its ticket to its outcome.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use crate::action::{Action, Cleanup, Handled};
use crate::core::world::{Outcome, Task};
use crate::error::{Retry, Terminal, chain, is_end, is_handed_over, is_outage, patience};
use crate::operator::{BoxError, Operator};
use crate::secondary::Related;
use crate::stats::RunResult;
use crate::trigger::Trigger;
use crate::write::{Run, RunState, is_label_value, remove_finalizers, settle_finalizers};

/// An operator without its types, for the engine.
pub(crate) trait Dispatch: Send + Sync + 'static {
    /// Does what the run's task says.
    fn dispatch(self: Arc<Self>, run: Arc<RunState>) -> Pin<Box<dyn Future<Output = Outcome> + Send>>;
}

impl<O: Operator> Dispatch for O {
    fn dispatch(self: Arc<Self>, run: Arc<RunState>) -> Pin<Box<dyn Future<Output = Outcome> + Send>> {
        Box::pin(async move {
            match carry_out(&*self, &run).await {
                Ok(outcome) => outcome,
                Err(error) => failed(&run, &error),
            }
        })
    }
}

fn failed(run: &RunState, error: &BoxError) -> Outcome {
    let text = chain(&**error);
    #[cfg(feature = "testing")]
    run.note_error(&text);
    if is_end(&**error) {
        run.counts.note(RunResult::Deleted);
        tracing::info!(error = text, "the run ends; its primary has been deleted");
        return Outcome::Failed;
    }
    if is_handed_over(&**error) {
        run.counts.note(RunResult::Cancelled);
        tracing::info!(error = text, "the run ends; this replica does not lead any more");
        return Outcome::Unreachable { after: Duration::ZERO };
    }
    run.member.stats.failure();
    let outage = is_outage(&**error);
    let retry = match Terminal::is_in(&**error) {
        true => Retry::Terminal,
        false if outage => Retry::Backoff,
        false => run.member.error_policy.decide(error),
    };
    match retry {
        Retry::Terminal => {
            tracing::error!(error = text, "the run failed; it is not tried again before something changes");
            Outcome::Terminal
        }
        Retry::After(wait) => {
            tracing::warn!(error = text, seconds = wait.as_secs_f64(), "the run failed; it is tried again");
            Outcome::FailedFor { wait }
        }
        Retry::Backoff => {
            tracing::warn!(error = text, "the run failed; it is tried again");
            if outage { Outcome::Unreachable { after: patience(&**error) } } else { Outcome::Failed }
        }
    }
}

async fn carry_out<O: Operator>(operator: &O, run: &Arc<RunState>) -> Result<Outcome, BoxError> {
    match &run.task {
        Task::Cleanup => cleanup(operator, run).await,
        Task::Reconcile => reconcile(operator, run).await,
        Task::Handle(secondaries) => {
            let mut requeue = None;
            for &secondary in secondaries {
                let (primary, seen, cx) = arguments::<O>(run)?;
                match operator.handle(secondary, primary, seen, cx).await? {
                    Handled::Done => {}
                    Handled::Requeue(delay) => {
                        requeue = Some(requeue.map_or(delay, |other: Duration| other.min(delay)))
                    }
                    Handled::Escalate => return reconcile(operator, run).await,
                }
            }
            Ok(Outcome::Handled { requeue })
        }
    }
}

async fn reconcile<O: Operator>(operator: &O, run: &Arc<RunState>) -> Result<Outcome, BoxError> {
    settle_finalizers(run).await?;
    let (primary, seen, cx) = arguments::<O>(run)?;
    let requeue = match operator.reconcile(primary, seen, cx).await? {
        Action::AwaitChange => None,
        Action::Requeue(delay) => Some(delay),
        Action::Again => Some(Duration::ZERO),
    };
    Ok(Outcome::Done { requeue })
}

async fn cleanup<O: Operator>(operator: &O, run: &Arc<RunState>) -> Result<Outcome, BoxError> {
    let (primary, seen, cx) = arguments::<O>(run)?;
    let requeue = match operator.cleanup(primary, seen, cx).await? {
        Cleanup::AwaitChange => None,
        Cleanup::Requeue(delay) => Some(delay),
        Cleanup::Done => {
            remove_finalizers(run).await?;
            None
        }
    };
    Ok(Outcome::Done { requeue })
}

/// What the user's methods get.
type Arguments<O> = (Arc<<O as Operator>::Primary>, <O as Operator>::Snapshot, <O as Operator>::Context);

/// What the run sees by now, as arguments.
fn arguments<O: Operator>(run: &Arc<RunState>) -> Result<Arguments<O>, BoxError> {
    let view = run.sight().view().clone();
    let primary = view.primary.object().cloned().ok_or("the primary is of another type than its operator")?;
    warn_of_many(run, &view);
    warn_of_name(run);
    Ok((primary, O::snapshot(&view), O::context(Run(run.clone()))))
}

/// Says where a secondary that is declared `one` is there more than once.
fn warn_of_many(run: &RunState, view: &crate::snapshot::View) {
    for (secondary, records) in view.secondaries.iter().enumerate() {
        if run.member.secondaries[secondary].one && records.len() > 1 {
            tracing::warn!(
                secondary = %run.member.kinds[secondary + 1], count = records.len(),
                "declared `one`, but there are several; the oldest is taken, `all()` of its handle has the others"
            );
        }
    }
}

/// Says once that a primary has a name which is no value of the label that relates a secondary to it.
fn warn_of_name(run: &RunState) {
    let first = run.triggers.contains(Trigger::Startup) || run.triggers.contains(Trigger::Primary);
    let primary = run.primary();
    for secondary in run.member.secondaries.iter().filter(|_| first && !is_label_value(primary.key.name())) {
        if let Related::Label(label) = secondary.related {
            tracing::warn!(
                primary = %primary.key, secondary = secondary.name, attribute = secondary.attribute, label,
                "the name of the primary is no valid value of the label that relates this secondary, so that nothing is ever \
                 related by it; give the primary a name of at most 63 characters, or relate by `annotation`"
            );
        }
    }
}
