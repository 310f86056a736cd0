//! What was measured, on the terminal and as JSON.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Serialize;
use steersman::BoxError;

/// All steps so far.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Report {
    pub(crate) steps: Vec<Step>,
}

/// One step of the story.
#[derive(Debug, Serialize)]
pub(crate) struct Step {
    pub(crate) name: &'static str,
    /// Runs of the reconciler.
    pub(crate) wake_ups: u64,
    /// Runs by what caused them.
    pub(crate) triggers: BTreeMap<String, u64>,
    /// The operator's GET and LIST requests, by the API server's audit log; absent on a cluster whose log we cannot read.
    pub(crate) reads: Option<usize>,
    /// Its creates, patches and deletes.
    pub(crate) writes: Option<usize>,
    /// All of its requests by verb, `watch` included.
    pub(crate) requests: Option<BTreeMap<String, usize>>,
    /// The time until what the step waits for has happened.
    pub(crate) milliseconds: u64,
}

impl Report {
    /// Writes the report as JSON.
    pub(crate) fn write(&self, file: &Path) -> Result<(), BoxError> {
        Ok(std::fs::write(file, serde_json::to_string_pretty(self)? + "\n")?)
    }
}

impl Step {
    /// Prints what the step has cost.
    pub(crate) fn print(&self, outcome: &str) {
        println!("    {outcome}, after {} ms", self.milliseconds);
        println!("    wake-ups: {}", list(self.wake_ups, &self.triggers));
        match (&self.requests, self.reads) {
            (Some(requests), Some(reads)) => {
                println!("    API requests: {}; reads: {reads}", list(requests.values().sum::<usize>(), requests));
            }
            _ => println!("    API requests: not counted on this cluster"),
        }
    }
}

/// `3 (2 deployment, 1 primary)`.
fn list<N: std::fmt::Display>(sum: N, parts: &BTreeMap<String, impl std::fmt::Display>) -> String {
    let parts: Vec<String> = parts.iter().map(|(name, count)| format!("{count} {name}")).collect();
    if parts.is_empty() { sum.to_string() } else { format!("{sum} ({})", parts.join(", ")) }
}
