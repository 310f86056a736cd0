//! What the probes look at.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::{Operator, Views};
use crate::clock::now;
use crate::watch::{WATCHING, WEDGED};

/// How long a probe waits for the engine. kubelet gives a probe a second, unless it is told otherwise.
const PATIENCE: Duration = Duration::from_millis(500);
/// An engine that does not answer for so long does not do so any more: nothing in it waits.
const STUCK: Duration = Duration::from_secs(10);

/// One thing that is looked at.
#[derive(Debug)]
pub(crate) struct Check {
    pub(crate) name: String,
    /// What is wrong.
    pub(crate) failed: Option<String>,
}

impl Check {
    fn new(name: impl Into<String>, failed: Option<String>) -> Self {
        Self { name: name.into(), failed }
    }
}

impl Views {
    /// Whether a restart would help: the engine turns, and every watch is at work, whatever it is answered. An API server that
    /// cannot be reached, or refuses, is none of it.
    pub(crate) async fn liveness(&self) -> Vec<Check> {
        let mut checks = vec![Check::new("engine", self.engine().await)];
        for (watch, name) in self.watches.iter().zip(&self.watch_names) {
            let wedged =
                watch.account.scopes().into_iter().map(|scope| scope.silent).filter(|silent| *silent > WEDGED).max();
            let failed = match wedged {
                _ if watch.account.has_ended() && !self.shared.pulse.is_stopping() => {
                    Some("its task has ended".to_owned())
                }
                Some(silent) => Some(format!("it has given no sign of itself for {} s", silent.as_secs())),
                None => None,
            };
            checks.push(Check::new(format!("watch/{name}"), failed));
        }
        checks
    }

    /// Whether all operators have begun their work: every cache was complete once. What fails later is tried again, and the runs go
    /// on meanwhile.
    pub(crate) fn readiness(&self) -> Vec<Check> {
        let stopping = self.shared.pulse.is_stopping().then(|| "the manager stops".to_owned());
        let checks = self.operators.iter().map(|operator| {
            let started = self.shared.world().is_started(operator.id);
            Check::new(format!("operator/{}", operator.name), (!started).then(|| self.missing(operator)))
        });
        std::iter::once(Check::new("shutdown", stopping)).chain(checks).collect()
    }

    /// What an operator waits for. The errors in full are for the debug views alone: this is told to everybody.
    fn missing(&self, operator: &Operator) -> String {
        let mut missing = Vec::new();
        for (watch, name) in self.watches.iter().zip(&self.watch_names) {
            let awaited = {
                let world = self.shared.world();
                let readers = world.readers(watch.cache);
                readers.iter().any(|(id, index)| *id == operator.id && world.awaits(*id, *index))
            };
            if awaited {
                let words =
                    watch.account.scopes().into_iter().map(|scope| scope.state.word).filter(|word| *word != WATCHING);
                let mut words: Vec<&str> = words.collect();
                words.dedup();
                let words = if words.is_empty() { "waiting".to_owned() } else { words.join(", ") };
                missing.push(format!("{name} ({words})"));
            }
        }
        format!("these caches are not complete: {}", missing.join(", "))
    }

    async fn engine(&self) -> Option<String> {
        let pulse = &self.shared.pulse;
        let moves = pulse.is_stopping() || pulse.moves(&self.shared.due, PATIENCE).await;
        self.engine.note(moves, now())
    }
}

/// Whether the engine has answered, the last times that it was asked.
#[derive(Debug, Default)]
pub(super) struct Answers {
    /// Since when it has given no answer.
    stuck: Mutex<Option<Instant>>,
}

impl Answers {
    /// What is wrong, after another question.
    fn note(&self, moves: bool, now: Instant) -> Option<String> {
        let mut stuck = self.stuck.lock().unwrap_or_else(PoisonError::into_inner);
        if moves {
            *stuck = None;
            return None;
        }
        let time = now.saturating_duration_since(*stuck.get_or_insert(now));
        (time >= STUCK).then(|| format!("it has not moved for {} s", time.as_secs()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_engine_that_is_silent_for_long_is_stuck() {
        let (answers, begin) = (Answers::default(), Instant::now());
        let note = |moves, seconds| answers.note(moves, begin + Duration::from_secs(seconds));
        assert_eq!((note(true, 0), note(false, 5), note(false, 14)), (None, None, None));
        assert_eq!(note(false, 15).as_deref(), Some("it has not moved for 10 s"));
        assert_eq!((note(true, 16), note(false, 17), note(false, 26)), (None, None, None));
    }
}
