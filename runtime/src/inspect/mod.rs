//! What the operators of a manager know of themselves, for their port.
//!
//! Whatever is asked, the lock of the world is held for the copy of a few numbers, or of a few hundred primaries, and never while a
//! text is made of them.

mod checks;
mod page;
mod primaries;
mod redact;
mod snapshot;
mod watches;

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::Value;

use checks::Answers;
pub(crate) use checks::Check;
pub(crate) use page::{Page, Table};
pub(crate) use primaries::From;
pub(crate) use snapshot::text as snapshot_text;

use crate::clock::now;
use crate::core::world::OperatorId;
use crate::shared::Shared;
use crate::watch::Watch;
use crate::write::Member;

/// All that can be looked at.
pub(crate) struct Views {
    pub(crate) shared: Arc<Shared>,
    pub(crate) watches: Arc<[Watch]>,
    /// The names of the watches, each once.
    pub(crate) watch_names: Vec<String>,
    pub(crate) operators: Vec<Operator>,
    engine: Answers,
}

/// An operator with a name that no other one has.
pub(crate) struct Operator {
    pub(crate) name: String,
    pub(crate) id: OperatorId,
    pub(crate) member: Arc<Member>,
}

impl Views {
    pub(crate) fn new(shared: Arc<Shared>, watches: Arc<[Watch]>, members: Vec<Arc<Member>>) -> Self {
        let watch_names = once(watches.iter().map(|watch| watch.kind.resource()));
        let names = once(members.iter().map(|member| member.name.to_owned()));
        let operators = names.into_iter().zip(members);
        let operators = operators.map(|(name, member)| Operator { name, id: member.id, member }).collect();
        Self { shared, watches, watch_names, operators, engine: Answers::default() }
    }

    /// The operator of this name.
    fn operator(&self, name: &str) -> Option<&Operator> {
        self.operators.iter().find(|operator| operator.name == name)
    }
}

impl Operator {
    /// The word for the primary or for a secondary: that of its trigger.
    pub(crate) fn place(&self, index: usize) -> &'static str {
        index.checked_sub(1).map_or("primary", |secondary| self.member.secondaries[secondary].name)
    }
}

impl fmt::Debug for Views {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Views").finish_non_exhaustive()
    }
}

/// Names, with a number behind the second one that is the same, and each further one.
fn once(names: impl Iterator<Item = String>) -> Vec<String> {
    let mut counts: HashMap<String, usize> = HashMap::new();
    let mut number = |name: String| {
        let count = counts.entry(name.clone()).or_default();
        *count += 1;
        if *count == 1 { name } else { format!("{name}#{count}") }
    };
    names.map(&mut number).collect()
}

/// Seconds, to a thousandth.
fn seconds(duration: Duration) -> Value {
    ((duration.as_secs_f64() * 1000.0).round() / 1000.0).into()
}

/// The seconds since then.
fn ago(at: Instant) -> Value {
    seconds(now().saturating_duration_since(at))
}

/// The seconds until then; 0 if it is past.
fn until(at: Instant) -> Value {
    seconds(at.saturating_duration_since(now()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique() {
        let names = ["a", "b", "a", "a"].map(str::to_owned);
        assert_eq!(once(names.into_iter()), ["a", "b", "a#2", "a#3"]);
    }

    #[test]
    fn seconds_are_short() {
        assert_eq!(seconds(Duration::from_micros(1_234_567)).to_string(), "1.235");
    }
}
